"""The page that checks papers and evidence packs without a network: one HTML file, opened from a disk.

It knows the registry's public keys, present and past, and nothing else. Its words are its own, in kk, ru and en, since
it has to be the same file for whoever asks; only the keys change it. It reckons hashes and signatures with noble, which
is written into it, since many browsers in use have no Ed25519 of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.config import ROOT
from registry.infra.i18n import LANGUAGES, MONTHS, speaking
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import ALL_TERRITORIES

FILE_NAME = "tizilim-check.html"

_WORDS: dict[str, tuple[str, str, str]] = {
    "title": ("Құжатты желісіз тексеру", "Проверка документа без сети", "Check a paper offline"),
    "lead": (
        "Бұл бет тізілімнің ашық кілттерімен тексереді және ешқайда ештеңе жібермейді.",
        "Страница проверяет открытыми ключами реестра и никуда ничего не отправляет.",
        "This page checks with the registry's public keys and sends nothing anywhere.",
    ),
    "language": ("Тіл", "Язык", "Language"),
    "file": (
        "PDF файлы немесе дәлелдемелер жинағы (ZIP)",
        "Файл PDF или пакет доказательств (ZIP)",
        "PDF file or evidence pack (ZIP)",
    ),
    "folder": (
        "немесе жинақтың ашылған бумасы",
        "или распакованная папка пакета",
        "or the unpacked folder of a pack",
    ),
    "code": ("QR-кодтың мазмұны", "Содержимое QR-кода", "Content of the QR code"),
    "code_hint": (
        "Телефон оқыған мекенжайды толық көшіріп салыңыз.",
        "Вставьте целиком адрес, который прочитал телефон.",
        "Paste the whole address that the phone read.",
    ),
    "check": ("Тексеру", "Проверить", "Check"),
    "keys": ("Ашық кілттер", "Открытые ключи", "Public keys"),
    "working": ("Тексерілуде…", "Проверяется…", "Checking…"),
    "token_good": (
        "Бұл мәліметтерге осы тізілім қол қойған. Оларды қағазбен салыстырыңыз.",
        "Эти сведения подписаны этим реестром. Сравните их с бумагой.",
        "This registry signed the following. Compare it with the paper.",
    ),
    "token_bad": (
        "Бұл тізілімнің қолтаңбасы жоқ: QR-код толық оқылмаған немесе құжат осында берілмеген.",
        "Подписи этого реестра нет: QR-код прочитан не целиком или документ выдан не здесь.",
        "Not signed by this registry: the QR code was not read whole, or the paper was not issued here.",
    ),
    "file_good": (
        "Бұл — берілген құжаттың файлы, өзгертілмеген.",
        "Это файл выданного документа, он не изменен.",
        "This is the file of an issued paper, unchanged.",
    ),
    "file_added": (
        "Берілген бөлік өзгертілмеген, бірақ файлдың соңына тағы бірдеңе қосылған: электрондық мөр немесе "
        "өзгеріс. Мөрді PDF бағдарламасында тексеріңіз. Қосылған байттар:",
        "Выданная часть не изменена, но в конец файла что-то добавлено: электронная печать или изменение. "
        "Проверьте печать в программе для PDF. Добавлено байт:",
        "The issued part is unchanged, but something was added at the end of the file: an electronic seal or a "
        "change. Check the seal in a PDF program. Bytes added:",
    ),
    "file_bad": (
        "Файл өзгертілген немесе оны басқа тізілім берген.",
        "Файл изменен или выдан другим реестром.",
        "The file was changed, or another registry issued it.",
    ),
    "file_none": (
        "Файлда тізілімнің қолтаңбасы жоқ.",
        "В файле нет подписи реестра.",
        "The file carries no signature of a registry.",
    ),
    "now": (
        "Құжаттың қазір жарамды екенін тек тізілім айта алады: желі болғанда QR-кодты ашыңыз.",
        "Действителен ли документ сейчас, скажет только реестр: откройте QR-код, когда будет сеть.",
        "Whether the paper is still valid only the registry can say: open the QR code when there is a network.",
    ),
    "number": ("Нөмірі", "Номер", "Number"),
    "issued": ("Берілген күні", "Дата выдачи", "Date of issue"),
    "kind": ("Түрі", "Вид", "Kind"),
    "rows": ("Жазбалар саны", "Количество записей", "Number of entries"),
    "total": ("Жиыны, теңге", "Итого, тенге", "Total, tenge"),
    "data": ("Деректердің SHA-256", "SHA-256 данных", "SHA-256 of the data"),
    "journal": ("Журнал жазбасы", "Запись журнала", "Journal entry"),
    "key": ("Қол қойған кілт", "Ключ подписи", "Signed with the key"),
    "pack_good": (
        "Жинақ толық әрі өзгертілмеген: әр файл, әр құжаттың қолтаңбасы және журналдың әр жазбасы тексерілді. Кілттің "
        "атауын тізілім жариялаған кілтпен салыстырыңыз.",
        "Пакет полон и не изменен: проверены каждый файл, подпись каждого документа и каждая запись журнала. Сравните "
        "название ключа с ключом, который опубликовал реестр.",
        "The pack is whole and unchanged: every file, every paper's signature and every journal entry was checked. "
        "Compare the name of the key with the key that the registry published.",
    ),
    "pack_bad": (
        "Жинақ бүлінген немесе өзгертілген.",
        "Пакет поврежден или изменен.",
        "The pack is damaged or was changed.",
    ),
    "pack_unsigned": (
        "Жинақтың тізіміне бұл беттегі кілттердің ешқайсысымен қол қойылмаған: жинақ өзгертілген немесе оны басқа "
        "тізілім жасаған.",
        "Перечень пакета не подписан ни одним из ключей этой страницы: пакет изменен или сделан другим реестром.",
        "The pack's list is not signed with any of this page's keys: it was changed, or another registry made it.",
    ),
    "pack_none": (
        "Бұл дәлелдемелер жинағы емес немесе оны оқу мүмкін болмады.",
        "Это не пакет доказательств, или его не удалось прочитать.",
        "This is not an evidence pack, or it could not be read.",
    ),
    "pack_missing": ("Файл жоқ", "Нет файла", "File missing"),
    "pack_changed": ("Файл өзгертілген", "Файл изменен", "File changed"),
    "pack_extra": ("Артық файл", "Лишний файл", "File that does not belong here"),
    "pack_twice": ("Аты ZIP ішінде екі рет тұр", "Имя стоит в ZIP дважды", "Name that stands twice in the ZIP"),
    "pack_header": (
        "Файлды бағдарламалар ZIP-тен әртүрлі ашуы мүмкін",
        "Файл, который программы могут распаковать из ZIP по-разному",
        "File that programs may unpack from the ZIP differently",
    ),
    "pack_gap": (
        "ZIP ішінде тізіміндегі файлдардан басқа байттар бар, орны",
        "В ZIP есть байты помимо файлов из его списка, место",
        "The ZIP holds bytes besides the files of its list, at",
    ),
    "pack_paper": (
        "Құжаттың қолтаңбасы сай келмейді",
        "Подпись документа не сходится",
        "The paper's signature does not agree",
    ),
    "pack_chain": (
        "Құжат журнал тізбегінен емес",
        "Документ не из цепочки журнала",
        "The paper does not belong to the journal's chain",
    ),
    "pack_issue": (
        "Журналда бұл файлдың берілгені жазылмаған",
        "В журнале нет записи о выдаче этого файла",
        "The journal does not record the issue of this file",
    ),
    "pack_entry": ("Журнал жазбасы өзгертілген", "Запись журнала изменена", "Journal entry edited"),
    "pack_swapped": (
        "Құжаттың орнында басқа құжат тұр",
        "На месте документа лежит другой документ",
        "Another paper stands in the place of this one",
    ),
    "pack_journal": ("Журнал тізбегі үзілген жазба", "Цепочка журнала прервана на записи", "The chain breaks at entry"),
    "scope": ("Аумақтар", "Территории", "Territories"),
    "period": ("Кезең", "Период", "Period"),
    "as_of": ("Деректер күні", "Дата данных", "Data as of"),
    "files": ("Тексерілген файлдар", "Проверено файлов", "Files checked"),
    "entries": ("Тексерілген журнал жазбалары", "Проверено записей журнала", "Journal entries checked"),
    "foreign": (
        "Басқа аумақтардың жазбалары, тек хешімен",
        "Записи других территорий, только хеш",
        "Entries about other territories, by their hash alone",
    ),
    "head": ("Журналдың соңғы жазбасы", "Последняя запись журнала", "Last entry of the journal"),
    "papers": ("Құжаттар", "Документы", "Papers"),
    "state": ("Жай-күйі", "Состояние", "State"),
    "state.wrong": ("файлы сай келмейді", "файл не сходится", "its file does not agree"),
    "state.valid": ("жарамды", "действителен", "valid"),
    "state.replaced": ("ауыстырылған", "заменен", "replaced"),
    "state.revoked": ("күші жойылған", "отозван", "revoked"),
}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "papers"), autoescape=True, undefined=StrictUndefined
    )


def page(public_keys: Mapping[str, bytes]) -> bytes:
    """The page for an installation with these public keys (32 bytes each, by name): the same keys, the same bytes."""
    words = {
        language: {name: texts[number] for name, texts in _WORDS.items()} for number, language in enumerate(LANGUAGES)
    }
    for language, texts in words.items():
        with speaking(language):
            texts |= {f"kind.{code}": str(kind.name) for code, kind in KINDS.items()}
            texts |= {f"month.{month}": name for month, name in enumerate(MONTHS[language], start=1)}
        for kind in KINDS.values():
            if kind.has_title_of_all:
                texts[f"kind.{kind.code}.{ALL_TERRITORIES}"] = kind.title(language, of_all=True)
    counted = sorted(code for code, kind in KINDS.items() if kind.states_rows)
    known = {name: raw.hex() for name, raw in sorted(public_keys.items())}
    folder = ROOT / "templates" / "papers"
    scripts = [(folder / name).read_text(encoding="utf-8") for name in ("vendor/noble.js", "offline.js")]
    html = (
        _templates()
        .get_template("offline.html")
        .render(
            data=Markup("const WORDS = {}, KEYS = {}, COUNTED = {};").format(
                _inside(words), _inside(known), _inside(counted)
            ),
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - files of the program
        )
    )
    return html.encode()


def read_me() -> str:
    """What an evidence pack says of itself, in the three languages: the same for every pack."""
    return (ROOT / "templates" / "papers" / "evidence.txt").read_text(encoding="utf-8")


def _inside(value: object) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - JSON with < escaped
