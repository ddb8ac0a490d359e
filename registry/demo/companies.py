"""The fictional companies of the demo data: names, numbers and people by the rules of ``domain.md`` 8.2."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from registry.territories.rules import check_digit

RESIDENT_BIN = "250240991048"
"""The company whose account the demo resident signs in with."""


@dataclass(frozen=True)
class Company:
    """A fictional company: names without the legal form, and when it entered the register."""

    territory: str
    bin: str
    kk: str
    ru: str
    en: str
    registered_on: date
    legal_form: str = "llp"
    participant_type: str = "innovation_company"
    weight: int = 6
    """How large it is among the others: figures are shared out by it."""
    kbe: str = "17"
    experimental: bool = False


def fictional_bin(year: int, month: int, serial: int) -> str:
    """The first valid BIN from a serial of 99xxx on."""
    while True:
        first = f"{year % 100:02d}{month:02d}40{serial:05d}"
        digit = check_digit(first)
        if digit is not None:
            return f"{first}{digit}"
        serial += 1


# The fifteen companies of domain.md 8.2 but for the branch, which no register may hold.
LISTED = (
    Company(
        "YAFI",
        "230540991015",
        "Үлгі-Изотоп",
        "Улги-Изотоп",
        "Ulgi-Isotope",
        date(2024, 3, 11),
        participant_type="production",
        weight=11,
    ),
    Company(
        "YAFI",
        "240140991022",
        "Үлгі-Материалтану",
        "Улги-Материаловедение",
        "Ulgi-Materials",
        date(2024, 5, 20),
        participant_type="research_org",
        weight=8,
    ),
    Company("YAFI", "240940991031", "Демо Детектор", "Демо Детектор", "Demo Detector", date(2025, 1, 15), weight=5),
    Company("NU", RESIDENT_BIN, "Үлгі-Био", "Улги-Био", "Ulgi-Bio", date(2025, 3, 3), weight=9),
    Company("NU", "250640991052", "Демо Робототехника", "Демо Робототехника", "Demo Robotics", date(2025, 7, 14)),
    Company("NU", "251140991067", "Үлгі-Деректер", "Улги-Данные", "Ulgi-Data", date(2025, 12, 8), weight=7),
    Company("NU", "260140991076", "Демо Энерготех", "Демо Энерготех", "Demo Energotech", date(2026, 2, 16), weight=5),
    Company(
        "KURCHATOV",
        "260340991083",
        "Үлгі-Реактор Сервис",
        "Улги-Реактор Сервис",
        "Ulgi-Reactor Service",
        date(2026, 4, 6),
        participant_type="engineering_bureau",
        weight=6,
    ),
    Company(
        "KURCHATOV",
        "260540991090",
        "Демо Конструкторлық бюро",
        "Демо Конструкторское бюро",
        "Demo Design Bureau",
        date(2026, 6, 1),
        participant_type="engineering_bureau",
        weight=4,
    ),
    Company(
        "KURCHATOV",
        "260640991103",
        "Үлгі-Эко Мониторинг",
        "Улги-Эко Мониторинг",
        "Ulgi-Eco Monitoring",
        date(2026, 7, 20),
        participant_type="shared_lab",
        weight=3,
    ),
    Company(
        "KURCHATOV",
        "260840991110",
        "Демо Ғылыми институт",
        "Демо Научный институт",
        "Demo Research Institute",
        date(2026, 9, 7),
        legal_form="rse",
        participant_type="research_org",
        weight=10,
        kbe="16",
    ),
    Company(
        "NU",
        "260940991124",
        "Үлгі-Университет",
        "Улги-Университет",
        "Ulgi-University",
        date(2026, 10, 5),
        legal_form="ncjsc",
        participant_type="university",
        weight=8,
    ),
    Company(
        "NU", "251240991137", "Демо Екінші раунд", "Демо Второй раунд", "Demo Second Round", date(2026, 1, 19), weight=4
    ),
    Company(
        "KURCHATOV",
        "260350991157",
        "Demo Foreign R&D",
        "Demo Foreign R&D",
        "Demo Foreign R&D",
        date(2026, 5, 11),
        legal_form="foreign",
        participant_type="research_org",
        weight=4,
        kbe="27",
    ),
    Company(
        "NU",
        "000101399107",
        "Демо А.А.",
        "Демо А.А.",
        "Demo A.A.",
        date(2025, 10, 13),
        legal_form="sole_entrepreneur",
        participant_type="other",
        weight=1,
        kbe="19",
    ),
)

_TOPICS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "YAFI": (
        ("Нейтрон", "Нейтрон", "Neutron", "research_org"),
        ("Сцинтиллятор", "Сцинтиллятор", "Scintillator", "production"),
        ("Радиофарм", "Радиофарм", "Radiopharm", "production"),
        ("Вакуум", "Вакуум", "Vacuum", "engineering_bureau"),
        ("Үдеткіш", "Ускоритель", "Accelerator", "research_org"),
        ("Дозиметр", "Дозиметр", "Dosimeter", "production"),
        ("Радиохимия", "Радиохимия", "Radiochemistry", "research_org"),
        ("Спектрометр", "Спектрометр", "Spectrometer", "innovation_company"),
        ("Кристалл", "Кристалл", "Crystal", "production"),
        ("Ядролық медицина", "Ядерная медицина", "Nuclear Medicine", "innovation_company"),
        ("Технологиялар трансфері", "Трансфер технологий", "Technology Transfer", "transfer_centre"),
        ("Ортақ зертхана", "Общая лаборатория", "Shared Laboratory", "shared_lab"),
    ),
    "NU": (
        ("Геном", "Геном", "Genome", "research_org"),
        ("Аккумулятор", "Аккумулятор", "Battery", "production"),
        ("Наносенсор", "Наносенсор", "Nanosensor", "innovation_company"),
        ("Фотоника", "Фотоника", "Photonics", "innovation_company"),
        ("Биоинформатика", "Биоинформатика", "Bioinformatics", "innovation_company"),
        ("Дрон", "Дрон", "Drone", "engineering_bureau"),
        ("Сутегі", "Водород", "Hydrogen", "research_org"),
        ("Полимер", "Полимер", "Polymer", "production"),
        ("Киберқорған", "Киберщит", "Cyber Shield", "innovation_company"),
        ("Медтех", "Медтех", "Medtech", "innovation_company"),
        ("Тіл технологиялары", "Языковые технологии", "Language Technologies", "innovation_company"),
        ("Агробио", "Агробио", "Agrobio", "project_group"),
        ("Жерсерік деректері", "Спутниковые данные", "Satellite Data", "innovation_company"),
    ),
    "KURCHATOV": (
        ("Бериллий", "Бериллий", "Beryllium", "production"),
        ("Тритий", "Тритий", "Tritium", "research_org"),
        ("Термояд", "Термояд", "Fusion", "research_org"),
        ("Сынақ стенді", "Испытательный стенд", "Test Bench", "engineering_bureau"),
        ("Радиоэкология", "Радиоэкология", "Radioecology", "research_org"),
        ("Криогеника", "Криогеника", "Cryogenics", "innovation_company"),
        ("Су тазарту", "Очистка воды", "Water Treatment", "production"),
        ("Жаңғырту", "Обновление", "Renewal", "project_group"),
    ),
}

FORMS = {
    "llp": ("«{}» ЖШС", "ТОО «{}»", '"{}" LLP'),
    "rse": ("«{}» ШЖҚ РМК", "РГП на ПХВ «{}»", '"{}" RSE'),
    "ncjsc": ("«{}» КеАҚ", "НАО «{}»", '"{}" NCJSC'),
    "foreign": ("«{} Ltd»", "«{} Ltd»", "{} Ltd"),
    "sole_entrepreneur": ("«{}» ДК", "ИП «{}»", "{}, sole entrepreneur"),
}

HEADS = ("Демо А.А.", "Демо Б.С.", "Демо Г.Т.", "Демо Д.Ж.", "Демо Е.К.", "Демо Ж.М.", "Демо К.Н.", "Демо М.О.")
OKED = ("72191", "72110", "72199", "26511", "21200", "62010")
COUNTRIES = ("KZ", "KZ", "KZ", "KZ", "UZ", "DE", "KR")


def companies() -> list[Company]:
    """Every company of the demo, in the order of entry."""
    chance = random.Random(20260101)  # noqa: S311 - the same data every time, nothing secret
    found = list(LISTED)
    serial = 99201
    for code, topics in _TOPICS.items():
        for position, (kk, ru, en, kind) in enumerate(topics):
            year = 2024 if position % 3 == 0 else 2025 if position % 3 == 1 else 2026
            registered = date(year, chance.randint(1, 9 if year < 2026 else 7), chance.randint(1, 28))
            number = fictional_bin(registered.year - chance.randint(1, 6), chance.randint(1, 12), serial)
            serial = int(number[6:11]) + 7
            mark = ("Үлгі-", "Улги-", "Ulgi-") if position % 2 else ("Демо ", "Демо ", "Demo ")
            found.append(
                Company(
                    code,
                    number,
                    mark[0] + kk,
                    mark[1] + ru,
                    mark[2] + en,
                    registered,
                    participant_type=kind,
                    weight=chance.randint(3, 11),
                    experimental=kind == "production" and position % 4 == 1,
                )
            )
    return sorted(found, key=lambda company: (company.registered_on, company.bin))
