"""The ``registry`` command: setting up, errors, users, the journal (``exchange.md`` 1)."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import time
from pathlib import Path

import pytest

from registry.accounts import queries, services
from registry.app import create_app
from registry.config import Keep, Settings, database_url
from registry.infra.clock import utc_now
from registry.journal.queries import history


@pytest.fixture
def inside(command):
    """Call a function inside an application on the command's installation."""

    def call(function):
        url = command.database_url or f"sqlite:///{command.data_dir / 'registry.db'}"
        settings = Settings(
            data_dir=command.data_dir, database_url=database_url(url), public_url="http://localhost:8000"
        )
        with create_app(settings, pages=False).app_context():
            return function()

    return call


def test_init_may_be_run_again(command):
    command("init")
    keys = {path.name: path.read_bytes() for path in (command.data_dir / "keys").iterdir() if path.is_file()}
    assert set(keys) == {"session.key", "signing.pem"}
    for path in (command.data_dir / "keys").iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    command("init")
    assert keys == {path.name: path.read_bytes() for path in (command.data_dir / "keys").iterdir() if path.is_file()}
    assert command("journal", "verify").out[0].startswith("The journal is whole")


def test_a_registry_not_prepared_says_what_to_do(command):
    for arguments in (["journal", "verify"], ["indicators", "--year", "2026"], ["backup", command.data_dir / "a.tar"]):
        errors = command(*arguments, status=1).errors
        assert len(errors) == 1
        assert "registry init" in errors[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["fly"], "fly"),
        (["init", "--fast"], "--fast"),
        (["users", "add", "x"], "--role"),
        (["users", "add", "x", "--role", "king"], "king"),
        (["import", "residents"], "FILE"),
        (["import", "residents", "nowhere.csv"], "nowhere.csv"),
        (["export", "residents"], "-o"),
        (["export", "residents", "--as-of", "30.09.2026", "-o", "a.csv"], "30.09.2026"),
        (["export", "residents", "--as-of", "2026-02-30", "-o", "a.csv"], "2026-02-30"),
        (["export", "residents", "--as-of", "20260930", "-o", "a.csv"], "20260930"),
        (["export", "residents", "--as-of", "9999-12-31", "-o", "a.csv"], "the year 9999 is out of reason"),
        (["export", "patents", "--as-of", "0001-01-01", "-o", "a.csv"], "the year 0001 is out of reason"),
        (["export", "residents", "--known-at", "9999-12-31", "-o", "a.csv"], "the year 9999 is out of reason"),
        (
            ["export", "residents", "--known-at", "9999-12-31T23:00:00+00:00", "-o", "a.csv"],
            "the year 9999 is out of reason",
        ),
        (["users", "deputy", "a", "b", "--from", "2026-01-01", "--to", "9999-12-31"], "the year 9999 is out of reason"),
        (["export", "residents", "--known-at", "2026-09-30T10:00:00", "-o", "a.csv"], "offset"),
        (["export", "residents", "--known-at", "вчера", "-o", "a.csv"], "write a date as 2026-09-30, or a date-time"),
        (["export", "residents", "--known-at", "2026-13-30", "-o", "a.csv"], "write it as 2026-09-30"),
        (["indicators", "--year", "MMXXVI"], "MMXXVI"),
        (["indicators"], "--year"),
        (["document", "issue", "extract", "--lang", "fr", "-o", "a.pdf"], "fr"),
        (["serve", "--port", "0"], "0"),
        (["document", "approve", "2147483648"], "2147483648"),
        (["document", "approve", "9" * 5000], "999"),
        (
            ["document", "revoke", "NU-PAR-2026-000001-kk", "--reason", "a\x01b"],
            "argument 5 has a sign that cannot be stored: U+0001",
        ),
        (["document", "revoke", "NU-PAR-2026-000001-kk", "--reason", "\udcff"], "U+DCFF"),
        (["evidence", "--year", "99999", "-o", "a.zip"], "99999"),
    ],
)
def test_usage_errors_are_one_line_and_status_1(sqlite_command, arguments, says):
    result = sqlite_command(*arguments, status=1)
    assert result.out == []
    assert len(result.errors) == 1
    assert says in result.errors[0]


def test_the_environment_is_checked(sqlite_command):
    sqlite_command.environment["PORT"] = "eight"
    assert "eight" in sqlite_command("init", status=1).errors[0]
    sqlite_command.environment = {"DATABASE_URL": "nothing at all"}
    assert "DATABASE_URL" in sqlite_command("init", status=1).errors[0]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "-5", "from 1 to 65535"),
        ("PORT", "99999", "from 1 to 65535"),
        ("REGISTRY_TRUSTED_PROXIES", "-1", "from 0 to 100"),
        ("REGISTRY_TRUSTED_PROXIES", "x", "from 0 to 100"),
        ("REGISTRY_PUBLIC_URL", "foo", "https://"),
        ("REGISTRY_PUBLIC_URL", "http://[::1", "https://"),
        ("REGISTRY_PUBLIC_URL", "https://example.kz?x=1", "https://"),
        ("DATABASE_URL", "mysql://x:secret@x/y", "postgresql://"),
        ("DATABASE_URL", "mysql+pymysql://x:secret@x/y", "postgresql://"),
        ("DATABASE_URL", "oracle://x:secret@x/y", "postgresql://"),
        ("DATABASE_URL", "postgresql://u:secret@h:abc/db", "postgresql://"),
        ("DATABASE_URL", "postgresql://u:secret@h:99999/db", "postgresql://"),
        ("REGISTRY_JOBS_URL", "nonsense", "postgresql://"),
        ("REGISTRY_JOBS_URL", "postgresql://u:secret@h:abc/db", "postgresql://"),
        ("REGISTRY_TSA_URL", "nonsense", "https://"),
        ("REGISTRY_MAIL_URL", "foo", "smtp://"),
        ("REGISTRY_MAIL_URL", "smtp://h:abc", "smtp://"),
        ("REGISTRY_MAIL_URL", "smtp://h:99999", "smtp://"),
        ("REGISTRY_MAIL_FROM", "nobody", "registry@example.kz"),
        ("REGISTRY_DIGEST_AT", "25:00", "03:00"),
        ("REGISTRY_REMIND_DAYS", "often", "10,5,1"),
        ("REGISTRY_REMIND_DAYS", "0", "10,5,1"),
        ("REGISTRY_BACKUP_AT", "25:00", "03:00"),
        ("REGISTRY_BACKUP_AT", "3", "03:00"),
        ("REGISTRY_BACKUP_KEEP", "0,4,12", "7,4,12"),
        ("REGISTRY_BACKUP_KEEP", "7,4", "7,4,12"),
        ("REGISTRY_BACKUP_S3_URL", "https://key@h", "https://KEY@HOST/BUCKET"),
        ("REGISTRY_BACKUP_S3_URL", "https://h/bucket", "https://KEY@HOST/BUCKET"),
        ("REGISTRY_BACKUP_S3_URL", "s3://key@h/bucket", "https://KEY@HOST/BUCKET"),
        ("REGISTRY_BACKUP_S3_URL", "https://key:secret@h/bucket", "REGISTRY_BACKUP_S3_SECRET_FILE"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_can(sqlite_command, name, value, allowed):
    sqlite_command.environment = {name: value}
    for arguments in (["doctor"], ["export", "residents", "-o", "x.csv"]):
        (said,) = sqlite_command(*arguments, status=1).errors
        assert said.startswith(f"{name}: ")
        assert allowed in said
        assert "secret" not in said


def test_all_settings_that_cannot_be_are_named():
    with pytest.raises(ValueError, match=r"^PORT: .*\nREGISTRY_MAIL_URL: [^\n]*$"):
        Settings.from_environment({"PORT": "0", "REGISTRY_MAIL_URL": "x"})


def test_settings_in_all_their_forms():
    def read(**values: str) -> Settings:
        return Settings.from_environment(values)

    assert read(PORT=" 8080 ").public_url == "http://localhost:8080"
    assert read(REGISTRY_PUBLIC_URL="https://x.kz/registry/").public_url == "https://x.kz/registry"
    assert read(REGISTRY_PUBLIC_URL="http://[::1]:80").public_url == "http://[::1]:80"
    assert read(DATABASE_URL="postgres://u:p@h/db").database_url == "postgresql+psycopg://u:p@h/db"
    assert read(DATABASE_URL="postgresql:///db?host=/run/postgresql").database_url.endswith("host=/run/postgresql")
    for jobs in ("postgresql://u@h:5432/db", "host=h dbname=db", "postgresql://a:1,b:2/db"):
        assert read(REGISTRY_JOBS_URL=jobs).job_database_url == jobs
    assert read(REGISTRY_MAIL_URL="smtps://user%40b@h").mail_url == "smtps://user%40b@h"
    assert read(REGISTRY_MAIL_FROM="Tizilim <a@b.kz>").mail_from == "Tizilim <a@b.kz>"
    assert read(REGISTRY_BACKUP_FOLDER="/mnt/backups").backup_dir == Path("/mnt/backups")
    assert read(REGISTRY_BACKUP_FOLDER=" Off ").backup_dir is None
    assert read(REGISTRY_DATA_DIR="/srv").backup_dir == Path("/srv/backups")
    assert read(REGISTRY_BACKUP_AT="00:30").backup_at == time(0, 30)
    assert read(REGISTRY_BACKUP_KEEP="14, 0, 24").backup_keep == Keep(14, 0, 24)
    with pytest.raises(ValueError, match=r"^REGISTRY_BACKUP_S3_SECRET_FILE: it is needed with REGISTRY_BACKUP_S3_URL$"):
        read(REGISTRY_BACKUP_S3_URL="https://key@h/bucket")
    empty = Settings.from_environment({"PORT": "", "REGISTRY_JOBS_URL": "", "REGISTRY_SEAL_FILE": ""})
    assert (empty.port, empty.job_database_url, empty.seal_file, empty.trusted_proxies) == (8000, None, None, 0)


def test_a_user_with_a_password_can_sign_in(command, inside):
    command("init")
    result = command("users", "add", "Aigerim", "--role", "staff", "--password-stdin", typed="құпия сөзім 2026\n")
    assert result.out == ["aigerim: added, role staff"]
    assert inside(lambda: services.password_matches(queries.by_login("aigerim"), "құпия сөзім 2026"))
    assert not inside(lambda: services.password_matches(queries.by_login("aigerim"), "құпия сөзім 2026\n"))


@pytest.mark.parametrize(
    ("typed", "number"), [("БИН 250 240 991 048", "250240991048"), ("s0000 0000 010", "S00000000010")]
)
def test_the_company_of_a_user_is_named_by_any_spelling_of_its_number(command, inside, typed, number):
    command("init")
    command("users", "add", "own", "--role", "resident", "--resident", typed)
    assert inside(lambda: queries.by_login("own").company_bin) == number


def test_without_a_password_a_one_time_link_is_printed(command, inside):
    command("init")
    command.environment["REGISTRY_PUBLIC_URL"] = "https://tizilim.example.kz"
    number = "БИН 250240 991048"
    link = command("users", "add", "director@example.com", "--role", "resident", "--resident", number).out[0]
    assert link.startswith("https://tizilim.example.kz/invitations/")
    _invitation, user = inside(lambda: queries.open_invitation(link.rpartition("/")[2], utc_now()))
    assert (user.login, user.role, user.company_bin) == ("director@example.com", "resident", "250240991048")


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["x1", "--role", "resident"], "", "BIN"),
        (["x2", "--role", "resident", "--resident", "250240991049"], "", "check digit"),
        (["x2", "--role", "resident", "--resident", "S00000000011"], "", "check digit"),
        (["x3", "--role", "staff", "--password-stdin"], "short\n", ""),
        (["x4", "--role", "staff", "--password-stdin"], "", ""),
        (["taken", "--role", "admin"], "", "taken"),
        (["x5", "--role", "staff", "--actor", "nobody"], "", "nobody"),
        (["x6", "--role", "staff", "--actor", "taken"], "", "role"),
    ],
)
def test_a_refused_user_leaves_no_trace(sqlite_command, arguments, typed, says):
    sqlite_command("init")
    sqlite_command("users", "add", "taken", "--role", "staff")
    database = sqlite_command.data_dir / "registry.db"
    with closing(sqlite3.connect(database)) as connection:
        before = list(connection.iterdump())
        errors = sqlite_command("users", "add", *arguments, typed=typed, status=1).errors
        assert len(errors) == 1
        assert says in errors[0]
        assert list(connection.iterdump()) == before


def test_the_actor_stands_in_the_journal(command, inside):
    command("init")
    command("users", "add", "boss", "--role", "admin")
    command("users", "add", "clerk", "--role", "staff", "--actor", "boss")

    def actors():
        return [entry.actor_id for entry in reversed(history(actions=["user_added"])[0])]

    boss = inside(lambda: queries.by_login("boss").id)
    assert inside(actors) == [None, boss]


def test_a_damaged_journal_is_named(sqlite_command):
    sqlite_command("init")
    for login in ("one", "two"):
        sqlite_command("users", "add", login, "--role", "auditor")
    with closing(sqlite3.connect(sqlite_command.data_dir / "registry.db")) as connection:
        connection.execute("DROP TRIGGER refuse_update_journal_entry")
        connection.execute("UPDATE journal_entry SET action = 'user_deactivated' WHERE sequence = 2")
        connection.commit()
    result = sqlite_command("journal", "verify", status=1)
    assert result.out == []
    assert result.errors == [
        "the journal is damaged: entry 2: its content does not match its hash",
        "the database is damaged: the trigger refuse_update_journal_entry of journal_entry is missing"
        " (registry init lays it anew)",
    ]


def test_the_installed_command_and_the_module_are_the_same():
    help_texts = [
        subprocess.run([sys.executable, "-m", "registry", "--help"], capture_output=True, text=True, check=True).stdout,
        subprocess.run(
            [sys.executable.replace("python3", "python").rpartition("/")[0] + "/registry", "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout,
    ]
    assert help_texts[0] == help_texts[1]
    assert "journal" in help_texts[0]


def test_a_quick_answer_loads_no_pdf_library(sqlite_command):
    """``exchange.md`` 1: a command loads the PDF and sealing libraries only where it renders."""
    sqlite_command("init")
    script = (
        "import sys\n"
        "from registry.cli import run\n"
        "status = run(['indicators', '--year', '2026', '--json'])\n"
        "heavy = {'weasyprint', 'pikepdf', 'matplotlib', 'numpy', 'openpyxl', 'xlsxwriter', 'pyhanko', 'lxml'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    environment = {"REGISTRY_DATA_DIR": str(sqlite_command.data_dir), "PATH": ""}
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert (result.returncode, result.stderr) == (0, "[]\n")
