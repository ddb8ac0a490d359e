"""Codes fixed by international standards: they change by the standard, not by an act. Plain Python, no database."""

from __future__ import annotations

from registry.infra.i18n import lazy

_ISO_3166 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
COUNTRIES = frozenset(_ISO_3166.split())
"""ISO 3166-1 alpha-2 codes of countries and territories (``exchange.md`` 2)."""

REGIONAL_OFFICES = frozenset(("AP", "BX", "EA", "EM", "EP", "GC", "IB", "OA", "QZ", "WO", "XN", "XU", "XV"))
"""Codes WIPO ST.3 gives to intergovernmental offices: EA Eurasian, EP European, WO and IB WIPO, and others."""

OFFICES = COUNTRIES | REGIONAL_OFFICES
"""Codes of intellectual property offices (WIPO ST.3)."""

SHORT_NAMES: dict[tuple[str, str], object] = {
    ("participant_types", "research_org"): lazy("research org."),
    ("participant_types", "university"): lazy("university"),
    ("participant_types", "production"): lazy("production"),
    ("participant_types", "shared_lab"): lazy("laboratory"),
    ("participant_types", "engineering_bureau"): lazy("bureau"),
    ("participant_types", "transfer_centre"): lazy("transfer centre"),
    ("participant_types", "innovation_company"): lazy("innovation"),
    ("participant_types", "other"): lazy("other subject"),
    ("contract_kinds", "participation"): lazy("activities"),
    ("contract_kinds", "lease"): lazy("lease"),
    ("contract_kinds", "land"): lazy("land plot"),
    ("contract_kinds", "service"): lazy("services"),
    ("contract_kinds", "rnd"): lazy("R&D"),
    ("contract_kinds", "equipment"): lazy("use of equipment"),
    ("ip_kinds", "invention"): lazy("invention"),
    ("ip_kinds", "utility_model"): lazy("utility model"),
    ("ip_kinds", "industrial_design"): lazy("industrial design"),
    ("ip_kinds", "selection_achievement"): lazy("selection achievement"),
    ("ip_kinds", "software"): lazy("computer program"),
}
"""Names of codes where there is little room, by dictionary and code: lists show them, the card has the whole name."""
