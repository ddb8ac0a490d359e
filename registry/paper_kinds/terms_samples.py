"""Words of the audit sample, in kk, ru and en (see :mod:`registry.paper_kinds.terms`)."""

from __future__ import annotations

SAMPLES: dict[str, tuple[str, str, str]] = {
    "type.sample": ("ІРІКТЕМЕ", "ВЫБОРКА", "SAMPLE"),
    "title.sample": ("Аудиторлық іріктеме", "Аудиторская выборка", "Audit sample"),
    "part.method": ("Іріктеу тәсілі", "Способ отбора", "How it was drawn"),
    "part.drawn": ("Іріктелгендер", "Отобрано", "Drawn"),
    "sample.population": ("Бас жиынтық", "Генеральная совокупность", "Population"),
    "sample.of.residents": ("осы күнгі қатысушылар", "участники на дату документа", "participants on the day"),
    "sample.of.lines": (
        "кезеңнің қабылданған есептерінің жолдары",
        "строки принятых отчетов за период",
        "lines of accepted reports of the period",
    ),
    "sample.count": ("Бас жиынтықтың көлемі", "Объем совокупности", "Size of the population"),
    "sample.hash": (
        "Бас жиынтық кілттерінің хеші, SHA-256",
        "Хеш ключей совокупности, SHA-256",
        "Hash of the population's keys, SHA-256",
    ),
    "sample.size": ("Іріктеме көлемі", "Объем выборки", "Size of the sample"),
    "sample.seed": ("Бастапқы мән", "Начальное значение", "Seed"),
    "sample.method": (
        "Бас жиынтықтың әр бірлігінің кілті бар. Оның реті – үш бөліктен тұратын мәтіннің SHA-256 хеші: бастапқы мән, "
        "жол ауыстыру белгісі (LF), кілт; мәтін UTF-8 кодында. Хештері ең кіші бірліктер іріктеліп, хештерінің өсу "
        "ретімен берілген. Бастапқы мән мен бас жиынтық бірдей болса, тізбе де бірдей болады; іріктеме үлкейтілсе, "
        "оның басы өзгермейді.",
        "Каждая единица совокупности имеет ключ. Ее ранг – хеш SHA-256 текста из трех частей: начальное значение, "
        "перевод строки (LF), ключ; текст в кодировке UTF-8. Отобраны единицы с наименьшими хешами, они приведены в "
        "порядке возрастания хешей. При том же начальном значении и той же совокупности список будет тем же; при "
        "увеличении выборки ее начало не меняется.",
        "Each item of the population has a key. Its rank is the SHA-256 of a text of three parts: the seed, a line "
        "feed (LF), the key; the text is encoded as UTF-8. The items with the lowest hashes are drawn and listed in "
        "ascending order of their hashes. With the same seed and population the list is the same; a larger sample "
        "begins with the smaller one.",
    ),
    "sample.key.residents": (
        "Кілт: аумақтың белгісі мен тізілімдегі нөмір, нүктелі үтірмен.",
        "Ключ: обозначение территории и номер в реестре через точку с запятой.",
        "Key: mark of the territory and number in the register, with a semicolon.",
    ),
    "sample.key.lines": (
        "Кілт: аумақтың белгісі, тізілімдегі нөмір, жыл, тоқсан, есептің нұсқасы, есептегі жолдың нөмірі, нүктелі "
        "үтірмен.",
        "Ключ: обозначение территории, номер в реестре, год, квартал, версия отчета, номер строки в отчете через точку "
        "с запятой.",
        "Key: mark of the territory, number in the register, year, quarter, version of the report, number of the line "
        "in the report, with semicolons.",
    ),
    "col.rank": ("Хештің басы", "Начало хеша", "Beginning of the hash"),
    "col.key": ("Кілт", "Ключ", "Key"),
    "col.figure": ("Көрсеткіш", "Показатель", "Figure"),
    "col.value": ("Мәні (теңге немесе адам)", "Значение (тенге или человек)", "Value (KZT or persons)"),
    "col.checked": ("Тексеру нәтижесі", "Результат проверки", "Result of the check"),
    "section.revenue": ("түсім", "выручка", "revenue"),
    "section.tax": ("салық", "налог", "tax"),
    "section.staff": ("қызметкерлер", "персонал", "staff"),
    "section.investment": ("инвестиция", "инвестиции", "investment"),
}
