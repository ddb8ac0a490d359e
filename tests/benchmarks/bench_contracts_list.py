"""Our list of contracts against Flask-Admin's on the same table of 10 000: first and last page, in one run.

    python tests/benchmarks/bench_contracts_list.py [--keep FOLDER] [--large N]

Both show 50 rows with the same columns and count all rows. Prints the least server time of each and the ratio, which
must not be above 1. Exit status 1 where it is.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel

from registry.app import create_app
from registry.config import Settings
from registry.contracts.models import Contract
from registry.infra.db import db
from tests.benchmarks import registers
from tests.benchmarks.bench_pages import last_page, staff_client

TIMES = 9


class ContractList(ModelView):
    """Flask-Admin's own list, with the columns of ours."""

    page_size = 50
    can_view_details = True
    column_list = ("number", "resident.name_ru", "kind", "signed_on", "starts_on", "ends_on", "amount", "terminated_on")
    column_default_sort = ("signed_on", True)


def admin_client(settings: Settings) -> FlaskClient:
    """A client of a bare application with Flask-Admin on the register's database."""
    app = Flask("admin")
    app.config.update(SECRET_KEY="bench", SQLALCHEMY_DATABASE_URI=settings.database_url)
    db.init_app(app)
    Babel(app)
    with app.app_context():
        Admin(app).add_view(ContractList(Contract, db, endpoint="contract_list"))
    return app.test_client()


def main() -> None:
    """Build the register, measure in turns, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--large", type=int, default=5000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)) / "sqlite" / "large"
        settings = Settings.from_environment(registers.build(folder, options.large))
        app = create_app(settings)
        with app.app_context():
            last = last_page(Contract)
        ours, theirs = staff_client(app), admin_client(settings)
        addresses = {
            "first page": ("/contracts", "/admin/contract_list/"),
            "last page": (f"/contracts?page={last}", f"/admin/contract_list/?page={last - 1}"),
        }
        slower = 0
        for name, pair in addresses.items():
            spent = [float("inf"), float("inf")]
            for _time in range(TIMES):
                for place, (client, address) in enumerate(zip((ours, theirs), pair, strict=True)):
                    begun = time.perf_counter()
                    answer = client.get(address)
                    spent[place] = min(spent[place], time.perf_counter() - begun)
                    if answer.status_code != 200:
                        raise SystemExit(f"{address} answered {answer.status_code}")
            ratio = spent[0] / spent[1]
            slower += ratio > 1
            print(f"{name:12} {spent[0] * 1000:7.1f} ms, Flask-Admin {spent[1] * 1000:7.1f} ms: {ratio:5.2f}")
    if slower:
        raise SystemExit("slower than Flask-Admin")


if __name__ == "__main__":
    main()
