"use strict";
// The page names WORDS (by language, then by name), KEYS (32 bytes in hexadecimal, by name) and COUNTED (the kinds of
// papers that print how many entries they list) before this.
// SHA-256 and Ed25519 are noble's (vendor/noble.js, written into the page in front of this).
const { ed25519, sha256 } = noble;

// --- bytes ---
const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
const unhex = text => Uint8Array.from(text.match(/../g) || [], pair => parseInt(pair, 16));
const ascii = text => new TextEncoder().encode(text);
function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

function signer(message, signature) {
  const strict = { zip215: false };  // as RFC 8032 and the registry itself check
  return Object.keys(KEYS).find(name => ed25519.verify(signature, message, unhex(KEYS[name]), strict)) || null;
}

// --- tokens (CBOR, as much of it as a claim needs) and files ---
function readToken(text) {
  const digits = text.replace(/\s/g, "").split("#").pop();
  if (!/^[1-9][0-9]{200,999}$/.test(digits)) return null;
  let raw = BigInt(digits).toString(16);
  if (raw.length % 2) raw = "0" + raw;
  const bytes = unhex(raw), content = bytes.slice(1, -64);
  if (bytes[0] !== 1) return null;
  const key = signer(joined(ascii("Tizilim paper 1\n"), content), bytes.slice(-64));
  if (!key) return null;
  const [version, number, days, kind, rows, total, data, sequence, head] = decode(content);
  if (version !== 1) return null;
  const issued = new Date(days * 86400000).toISOString().slice(0, 10);
  return { number, issued, kind, rows, total, data: hex(data), head: hex(head), journal: `${sequence}, ${hex(head)}…`, key };
}
function decode(bytes) {
  let at = 0;
  const argument = () => {
    const low = bytes[at++] & 31;
    if (low < 24) return low;
    let value = 0;
    for (let left = 1 << (low - 24); left; left--) value = value * 256 + bytes[at++];
    return value;
  };
  const read = () => {
    const major = bytes[at] >> 5;
    if (bytes[at] === 0xf6) { at++; return null; }
    const size = argument();
    if (major === 0) return size;
    if (major === 4) return Array.from({ length: size }, read);
    const part = bytes.slice(at, at + size);
    at += size;
    return major === 3 ? new TextDecoder().decode(part) : part;
  };
  return read();
}
function find(bytes, text, from = 0) {
  const wanted = ascii(text);
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
function checkFile(bytes) {
  for (let start = find(bytes, "\n%Tizilim "); start >= 0; start = find(bytes, "\n%Tizilim ", start + 1)) {
    const stop = bytes.indexOf(10, start + 1);
    const line = /^%Tizilim (\d+) ([0-9a-f]{128})$/.exec(new TextDecoder("latin1").decode(bytes.slice(start + 1, stop)));
    if (!line) continue;
    let end = find(bytes, "%%EOF", stop);
    end = end < 0 ? bytes.length : end + 5;
    if (bytes[end] === 10) end++;
    const blank = bytes.slice(0, end);
    blank.fill(48, stop - 128, stop);
    if (!signer(joined(ascii("Tizilim file 1\n"), sha256(blank)), unhex(line[2]))) return { verdict: "file_bad" };
    const claim = readToken(line[1]);
    if (!claim) return { verdict: "file_bad" };
    const added = bytes.length - end;
    return { verdict: added ? "file_added" : "file_good", added, claim };
  }
  return { verdict: "file_none" };
}

// --- evidence packs: files, a map from path to what reads it, and odd, what other programs may unpack otherwise ---
// Programs that unpack a ZIP go by its list at the end or by the header in front of each file, keep the first or the last
// of two files of one name, and pass over what they do not know. So the two have to say the same, byte for byte, nothing
// may lie between the files, before or behind them, and a header says nothing but name, size and sum of a stored file.
async function unzip(file) {
  const slice = async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer());
  const start = Math.max(0, file.size - 65557), tail = await slice(start, file.size);
  let at = tail.length - 22;
  while (at >= 0 && !(tail[at] === 80 && tail[at + 1] === 75 && tail[at + 2] === 5 && tail[at + 3] === 6)) at--;
  if (at < 0) return null;
  const end = new DataView(tail.buffer, at), count = end.getUint16(10, true), listed = end.getUint32(16, true);
  if (end.getUint32(4, true) || end.getUint16(8, true) !== count) return null;
  const behind = listed + end.getUint32(12, true), directory = await slice(listed, behind), view = new DataView(directory.buffer);
  const files = new Map(), odd = [], places = [], twins = new Map(), decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let here = 0;
  for (let i = 0; i < count; i++) {
    if (view.getUint32(here, true) !== 0x02014b50 || view.getUint16(here + 10, true)) return null;
    const size = view.getUint32(here + 24, true), offset = view.getUint32(here + 42, true);
    const length = view.getUint16(here + 28, true), rest = view.getUint16(here + 30, true) + view.getUint16(here + 32, true);
    const bytes = directory.slice(here + 46, here + 46 + length), name = decoder.decode(bytes), from = offset + 30 + length;
    const header = joined(Uint8Array.of(80, 75, 3, 4), directory.slice(here + 6, here + 32), bytes);
    const plain = (view.getUint16(here + 8, true) & ~0x0800) === 0 && view.getUint32(here + 20, true) === size && rest === 0
      && view.getUint16(here + 34, true) === 0 && [0, 4, 8].includes(view.getUint32(here + 38, true) >>> 28)
      && !(size && name.endsWith("/"));
    if (!plain || hex(await slice(offset, from)) !== hex(header)) odd.push(["pack_header", name]);
    if (!files.has(name)) files.set(name, () => slice(from, from + size));
    twins.set(folded(name), [...(twins.get(folded(name)) || []), name]);
    places.push([offset, from + size]);
    here += 46 + length + rest;
  }
  for (const names of twins.values()) if (names.length > 1) for (const name of new Set(names)) odd.push(["pack_twice", name]);
  places.sort((a, b) => a[0] - b[0]).push([listed, listed + here], [behind, behind], [start + at, start + at + 22]);
  places.push([end.getUint16(20, true) ? Infinity : file.size]);
  let reached = 0;
  for (const [offset, after] of places) {
    if (offset !== reached) { odd.push(["pack_gap", String(Math.min(offset, reached))]); break; }
    reached = after;
  }
  return { files, odd };
}
// A name as it is on a disk that knows no case, takes \ for / and drops dots and spaces at an end.
function folded(name) {
  return name.normalize("NFC").toLowerCase().split(/[\\/]/).map(part => part.replace(/[. ]+$/, "")).filter(Boolean).join("/");
}
function folder(chosen) {
  const read = file => async () => new Uint8Array(await file.arrayBuffer());
  return { files: new Map(Array.from(chosen, file => [file.webkitRelativePath, read(file)])), odd: [] };
}
// The browser's own hashing, where it has any, is many times faster.
async function digest(bytes) {
  return globalThis.crypto && crypto.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)) : sha256(bytes);
}
async function checkPack({ files: all, odd }, progress) {
  const path = Array.from(all.keys()).filter(name => /(^|\/)manifest\.json$/.test(name)).sort((a, b) => a.length - b.length)[0];
  if (path === undefined) return { verdict: "pack_none" };
  const root = path.slice(0, -"manifest.json".length), files = new Map();
  for (const [name, read] of all) if (name.startsWith(root) && !name.endsWith("/")) files.set(name.slice(root.length), read);
  const outside = Array.from(all.keys()).filter(name => !name.startsWith(root));
  const content = await files.get("manifest.json")();
  const text = files.has("manifest.sig") ? new TextDecoder().decode(await files.get("manifest.sig")()).trim() : "";
  const key = /^[0-9a-f]{128}$/.test(text) && signer(joined(ascii("Tizilim pack 1\n"), sha256(content)), unhex(text));
  if (!key) return { verdict: "pack_unsigned" };
  const manifest = JSON.parse(new TextDecoder().decode(content)), problems = [];
  if (!["tizilim-pack/1", "tizilim-pack/2"].includes(manifest.format)) return { verdict: "pack_none" };
  const bad = (what, about) => problems.push([what, about]);
  const names = Object.keys(manifest.files), papers = new Map(manifest.papers.map(paper => [paper.file, paper]));
  const claims = new Map(), wrong = new Set(), known = new Set([...names, "manifest.json", "manifest.sig"]);
  for (const [what, about] of odd) {
    const name = about.startsWith(root) ? about.slice(root.length) : about, paper = papers.get(name);
    bad(what, name);
    if (paper) wrong.add(paper.number);
  }
  for (const name of outside) bad("pack_extra", name);
  for (const name of files.keys()) if (!known.has(name)) bad("pack_extra", name);
  for (const name of all.keys()) {
    const within = name.startsWith(root) && name.endsWith("/");
    if (within && !names.some(each => `${root}${each}`.startsWith(name))) bad("pack_extra", name.slice(root.length));
  }
  let entries = "";
  for (const [done, name] of names.entries()) {
    if (done % 5 === 0) await progress(done, names.length);
    const paper = papers.get(name);
    if (!files.has(name)) { bad("pack_missing", name); if (paper) wrong.add(paper.number); continue; }
    const bytes = await files.get(name)();
    // A journal that was changed is read all the same: its entries say which of them it was.
    if (name === manifest.journal.file) entries = new TextDecoder().decode(bytes);
    const found = paper && checkFile(bytes);
    if (found && found.claim && found.claim.number !== paper.number) {
      bad("pack_swapped", `${paper.number} ← ${found.claim.number}`);
      wrong.add(paper.number);
    } else if (hex(await digest(bytes)) !== manifest.files[name].sha256) {
      bad("pack_changed", name);
      if (paper) wrong.add(paper.number);
    } else if (paper) claims.set(name, found);
  }
  const { hashes, issued, foreign } = checkJournal(entries, manifest.journal, bad);
  for (const [name, { verdict, claim }] of claims) {
    const paper = papers.get(name), before = problems.length;
    if (!claim || claim.number !== paper.number || claim.data !== paper.data_hash) bad("pack_paper", paper.number);
    else if (hashes.get(paper.chain.sequence) !== paper.chain.hash || !paper.chain.hash.startsWith(claim.head)) bad("pack_chain", paper.number);
    else if (issued.get(paper.number) !== paper.sha256) bad("pack_issue", paper.number);
    if (problems.length > before) wrong.add(paper.number);
  }
  return { verdict: problems.length ? "pack_bad" : "pack_good", pack: { manifest, key, problems, wrong, files: names.length, entries: hashes.size - 1 - foreign, foreign } };
}
// Each line is a hash, a space and what was hashed: a list that begins with the number and ends with the hash before.
// In the pack of one territory an entry about others is its hash alone: the next whole entry ends with it.
function checkJournal(text, about, bad) {
  const hashes = new Map([[about.first - 1, about.before]]), issued = new Map();
  const edited = new Set();
  let previous = about.before, sequence = about.first - 1, foreign = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    const hash = line.slice(0, 64);
    sequence++;
    if (line.length === 64 && /^[0-9a-f]+$/.test(line)) {
      previous = hash;
      hashes.set(sequence, hash);
      foreign++;
      continue;
    }
    // Each entry ends with the hash of the one before, so that one edited shows itself, or in the one behind it.
    let columns = [], changes = null;
    const own = hex(sha256(ascii(line.slice(65)))) === hash;
    try {
      columns = JSON.parse(line.slice(65));
      if (columns[3] === "document_issued") changes = JSON.parse(columns[14]);
    } catch (error) { columns = []; }
    if (!own) edited.add(sequence);
    else if (columns[0] !== sequence) { bad("pack_journal", String(sequence)); sequence = Number(columns[0]); }
    else if (columns[columns.length - 1] !== previous && !edited.has(sequence - 1)) edited.add(sequence - 1);
    previous = hash;
    hashes.set(sequence, hash);
    if (own && changes) issued.set(changes.number[1], changes.sha256[1]);
  }
  const whole = sequence === about.first + about.entries - 1;
  if (whole && previous !== about.last) edited.add(sequence);
  for (const entry of Array.from(edited).sort((a, b) => a - b)) bad("pack_entry", String(entry));
  if (!whole) bad("pack_journal", String(sequence));
  return { hashes, issued, foreign };
}

// --- the page ---
const element = name => document.getElementById(name);
let shown = null;
// A day as papers and pages write it: 30.11.2026, in English 30 November 2026.
function day(iso) {
  const [year, month, date] = iso.split("-");
  const english = element("language").value === "en";
  return english ? `${Number(date)}\u00a0${words()[`month.${Number(month)}`]} ${year}` : `${date}.${month}.${year}`;
}
function words() { return WORDS[element("language").value]; }
// What a paper is titled, by the beginning of its number where papers of all territories have a title of their own.
function title({ number, kind }) {
  return words()[`kind.${kind}.${number.split("-")[0]}`] || words()[`kind.${kind}`] || kind;
}
// A sum in the reader's language: grouped by thousands, with its decimal sign.
function money(sum) {
  if (sum === null) return null;
  const [group, decimal] = element("language").value === "en" ? [",", "."] : ["\u00a0", ","];
  const [whole, rest] = sum.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + decimal + rest;
}
function speak() {
  document.documentElement.lang = element("language").value;
  document.title = words().title;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = words()[place.dataset.word];
  show();
}
function show() {
  const place = element("answer");
  place.replaceChildren();
  if (!shown) return;
  const { verdict, claim, added, pack, done, all } = shown;
  const box = document.createElement("div"), said = document.createElement("p");
  box.className = { file_good: "good", token_good: "good", pack_good: "good", file_added: "warn", working: "warn" }[verdict] || "bad";
  box.dataset.verdict = verdict;
  said.textContent = words()[verdict] + (added ? ` ${added}` : "") + (all ? ` ${done} / ${all}` : "");
  box.append(said);
  if (claim) {
    const list = document.createElement("dl");
    for (const name of ["number", "issued", "kind", "rows", "total", "data", "journal", "key"]) {
      if (claim[name] === null || (name === "rows" && !COUNTED.includes(claim.kind))) continue;
      const term = document.createElement("dt"), value = document.createElement("dd");
      term.textContent = words()[name];
      value.textContent = { kind: title(claim), issued: day(claim.issued), total: money(claim.total) }[name] || claim[name];
      list.append(term, value);
    }
    const now = document.createElement("p");
    now.textContent = words().now;
    box.append(list, now);
  }
  if (pack) showPack(box, pack);
  place.append(box);
}
function showPack(box, { manifest, key, problems, wrong, files, entries, foreign }) {
  const list = document.createElement("dl"), { head, journal } = manifest;
  const quarter = manifest.quarter ? ` ${["", "I", "II", "III", "IV"][manifest.quarter]}` : "";
  // Packs made before they held names say the marks of territories alone.
  const names = manifest.territory_names || {}, language = element("language").value;
  const scope = manifest.territories.map(mark => names[mark] ? `${names[mark][language]} (${mark})` : mark);
  for (const [name, value] of [
    ["scope", scope.join(", ")], ["period", `${manifest.year}${quarter}`], ["as_of", day(manifest.as_of)],
    ["files", files], ["entries", `${entries} (${journal.first}–${journal.first + journal.entries - 1})`],
    ["foreign", foreign],
    ["head", `${head.sequence}, ${head.hash}`], ["key", key],
  ]) {
    if (value === 0) continue;
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = words()[name];
    said.textContent = value;
    list.append(term, said);
  }
  box.append(list);
  if (problems.length) {
    const items = document.createElement("ul");
    items.id = "problems";
    for (const [what, about] of problems.slice(0, 100)) {
      const item = document.createElement("li");
      item.textContent = `${words()[what]}: ${about}`;
      items.append(item);
    }
    box.append(items);
  }
  const table = document.createElement("table"), caption = table.createCaption();
  caption.textContent = `${words().papers}: ${manifest.papers.length}`;
  const row = (cells, kind) => {
    const line = table.insertRow();
    for (const text of cells) {
      const cell = document.createElement(kind);
      if (kind === "th") cell.scope = "col";
      cell.textContent = text;
      line.append(cell);
    }
  };
  row([words().number, words().kind, words().issued, words().state], "th");
  for (const paper of manifest.papers) {
    const { since, replaced_by: successor, note } = paper.ended;
    const ended = [since && day(since), successor, note].filter(Boolean).join("; ");
    row([paper.number, title(paper), day(paper.issued_on),
      wrong.has(paper.number) ? words()["state.wrong"] : words()[`state.${paper.state}`] + (ended ? `: ${ended}` : "")], "td");
  }
  const frame = document.createElement("div");
  frame.className = "wide";
  frame.tabIndex = 0;
  frame.append(table);
  box.append(frame);
}
async function progress(done, all) {
  shown = { verdict: "working", done, all };
  show();
  await new Promise(next => setTimeout(next));
}
async function check() {
  const code = element("code").value.trim(), unpacked = element("folder").files;
  const file = element("file").files[0];
  if (!file && !code && !unpacked.length) return;
  shown = { verdict: "working" };
  show();
  await new Promise(done => setTimeout(done));
  const zipped = file && hex(new Uint8Array(await file.slice(0, 2).arrayBuffer())) === "504b";
  if (zipped || (!file && unpacked.length)) {
    try {
      const all = zipped ? await unzip(file) : folder(unpacked);
      shown = all ? await checkPack(all, progress) : { verdict: "pack_none" };
    } catch (error) {
      shown = { verdict: "pack_none" };
    }
    return show();
  }
  let token = null;
  try { token = code ? readToken(code) : null; } catch (error) { token = null; }
  if (file) {
    shown = checkFile(new Uint8Array(await file.arrayBuffer()));
    if (code && (!token || (shown.claim && token.number !== shown.claim.number))) shown = { verdict: "token_bad" };
  } else {
    shown = token ? { verdict: "token_good", claim: token } : { verdict: "token_bad" };
  }
  show();
}
for (const name of Object.keys(KEYS)) {
  const item = document.createElement("li");
  item.textContent = `${name}: ${KEYS[name]}`;
  element("keys").append(item);
}
element("language").value = ["kk", "ru", "en"].find(code => (navigator.language || "").startsWith(code)) || "kk";
element("language").addEventListener("change", speak);
element("form").addEventListener("submit", event => { event.preventDefault(); check(); });
if (location.hash.length > 1) element("code").value = location.hash.slice(1);
speak();
if (location.hash.length > 1) check();
