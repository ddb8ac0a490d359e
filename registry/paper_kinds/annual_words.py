"""The words of the annual report."""

from __future__ import annotations

from registry.paper_kinds.words import Words

WORDS: Words = {
    "type.annual": ("ЕСЕП", "ОТЧЕТ", "REPORT"),
    "title.annual": (
        "Басқарушы компанияның жылдық есебі",
        "Годовой отчет управляющей компании",
        "Annual report of the management company",
    ),
    "title.annual.all": (
        "Басқарушы компаниялардың жиынтық жылдық есебі",
        "Сводный годовой отчет управляющих компаний",
        "Consolidated annual report of the management companies",
    ),
    "contents": ("Мазмұны", "Содержание", "Contents"),
    "annual.passports": ("Аумақтардың паспорттары", "Паспорта территорий", "Passports of the territories"),
    "annual.passport": ("Аумақтың паспорты", "Паспорт территории", "Passport of the territory"),
    "annual.indicators": (
        "Нысаналы индикаторлардың орындалуы",
        "Исполнение целевых индикаторов",
        "Achievement of the target indicators",
    ),
    "annual.movement": ("Тізілімнің қозғалысы", "Движение реестра", "Movement of the register"),
    "annual.taxes": (
        "Бюджеттік сыныптама кодтары мен бюджет деңгейлері бойынша салықтық түсімдер",
        "Налоговые поступления по кодам бюджетной классификации и уровням бюджета",
        "Tax receipts by budget classification code and level of budget",
    ),
    "annual.revenues": (
        "Санаттар бойынша түсім және экспорт үлесі",
        "Выручка по категориям и доля экспорта",
        "Revenue by category and export share",
    ),
    "annual.patents": ("Зияткерлік меншік", "Интеллектуальная собственность", "Intellectual property"),
    "annual.staff": (
        "Санаттар бойынша қызметкерлердің тізімдік саны",
        "Списочная численность работников по категориям",
        "Headcount by category",
    ),
    "annual.investment": ("Көздері бойынша инвестициялар", "Инвестиции по источникам", "Investment by source"),
    "annual.projects": (
        "Ғылымның басым бағыттары және технологиялық әзірлік деңгейі",
        "Приоритетные направления науки и уровень готовности технологий",
        "Priority directions of science and technology readiness",
    ),
    "annual.contracts": ("Шарттар мен үй-жайлар", "Договоры и помещения", "Contracts and premises"),
    "annual.discipline": (
        "Есептілікті ұсыну тәртібі",
        "Дисциплина представления отчетности",
        "Discipline of reporting",
    ),
    "annual.plan": (
        "Іс-қимыл жоспары іс-шараларының орындалуы",
        "Исполнение мероприятий плана действий",
        "Events of the action plan",
    ),
    "annual.annex.register": (
        "Қатысушылар тізілімі",
        "Реестр участников",
        "Register of participants",
    ),
    "annual.annex.evidence": (
        "Салықтық түсімдер туралы деректерді растайтын құжаттар",
        "Документы, подтверждающие данные о налоговых поступлениях",
        "Documents behind the data on tax receipts",
    ),
    "annual.closed_on": (
        "Тізілім деректерінің күні",
        "Дата данных реестра",
        "Date of the register data",
    ),
    "annual.participants": (
        "Осы күнгі қатысушылар саны",
        "Количество участников на эту дату",
        "Participants on that day",
    ),
    "annual.kind": ("Аумақтың түрі", "Вид территории", "Kind of territory"),
    "kind.park": ("ғылыми-технологиялық парк", "научно-технологический парк", "science and technology park"),
    "kind.city": ("ғылым қалашығы", "наукоград", "science city"),
    "annual.status_act": (
        "Мәртебе беру туралы акт",
        "Акт о присвоении статуса",
        "Act granting the status",
    ),
    "annual.summary": ("Жыл қорытындысы", "Итоги года", "The year in summary"),
    "annual.reached": (
        "Жоспар орындалған индикаторлар: {list}.",
        "План выполнен по индикаторам: {list}.",
        "The plan is met for indicators {list}.",
    ),
    "annual.missed": (
        "Жоспар орындалмаған индикаторлар (орындалу пайызы): {list}.",
        "План не выполнен по индикаторам (процент исполнения): {list}.",
        "The plan is not met for indicators {list} (achievement in brackets).",
    ),
    "annual.unknown": (
        "Нақты мәні белгісіз индикаторлар: {list}.",
        "Фактическое значение неизвестно по индикаторам: {list}.",
        "The actual value is not known for indicators {list}.",
    ),
    "annual.unplanned": (
        "Жоспары бекітілмеген индикаторлар: {list}.",
        "План не утвержден по индикаторам: {list}.",
        "There is no approved plan for indicators {list}.",
    ),
    "annual.reached.one": (
        "Жоспар орындалған индикатор: {list}.",
        "План выполнен по индикатору {list}.",
        "The plan is met for indicator {list}.",
    ),
    "annual.missed.one": (
        "Жоспар орындалмаған индикатор (орындалу пайызы): {list}.",
        "План не выполнен по индикатору (процент исполнения): {list}.",
        "The plan is not met for indicator {list} (achievement in brackets).",
    ),
    "annual.unknown.one": (
        "Нақты мәні белгісіз индикатор: {list}.",
        "Фактическое значение неизвестно по индикатору {list}.",
        "The actual value is not known for indicator {list}.",
    ),
    "annual.unplanned.one": (
        "Жоспары бекітілмеген индикатор: {list}.",
        "План не утвержден по индикатору {list}.",
        "There is no approved plan for indicator {list}.",
    ),
    "annual.one_of": ("{number} ({percent} %)", "{number} ({percent} %)", "{number} ({percent}%)"),
    "annual.based_on": (
        "Мәндер қабылданған есептерге негізделген: күтілетіні – {expected}, қабылданғаны – {accepted}.",
        "Значения основаны на принятых отчетах: ожидается – {expected}, принято – {accepted}.",
        "The values rest on accepted reports: {accepted} of {expected} expected.",
    ),
    "annual.interim": (
        "Есепті жыл аяқталған жоқ: мәндер аралық болып табылады және жылдық жоспармен салыстырылған.",
        "Отчетный год не завершен: значения промежуточные и сопоставлены с планом на год.",
        "The reporting year is not over: the values are interim and compared with the plan for the whole year.",
    ),
    "annual.deviations": (
        "Жоспардан ауытқулар және олардың себептері",
        "Отклонения от плана и их причины",
        "Deviations from the plan and their causes",
    ),
    "annual.no_deviations": (
        "Жоспардан төмен индикаторлар жоқ.",
        "Индикаторов ниже плана нет.",
        "No indicator is below its plan.",
    ),
    "annual.below_plan": ("Жоспардан төмен индикаторлар", "Индикаторы ниже плана", "Indicators below the plan"),
    "annual.causes": (
        "Қабылданған есептердегі түсіндірмелер",
        "Пояснения в принятых отчетах",
        "Explanations in accepted reports",
    ),
    "annual.no_causes": (
        "Қабылданған есептерде ауытқулардың себептері туралы түсіндірме берілмеген.",
        "В принятых отчетах пояснений о причинах отклонений не дано.",
        "No explanation of the causes was given in the accepted reports.",
    ),
    "col.deviation": ("Ауытқу", "Отклонение", "Deviation"),
    "col.explanation": ("Түсіндірме", "Пояснение", "Explanation"),
    "annual.head": ("Басшысы", "Руководитель", "Head"),
    "annual.let_area": (
        "Шарттар бойынша берілген алаң, м²",
        "Площадь, переданная по договорам, м²",
        "Area let by contract, m²",
    ),
    "annual.no_plan": (
        "Іс-қимыл жоспарының іс-шаралары туралы деректер тізілімде жүргізілмейді, сондықтан бұл бөлімде көрсеткіштер "
        "жоқ. Іс-шаралардың орындалуы туралы мәліметтерді басқарушы компания жеке ұсынады.",
        "Данные о мероприятиях плана действий в реестре не ведутся, поэтому показателей в этой части нет. Сведения об "
        "исполнении мероприятий управляющая компания представляет отдельно.",
        "The register keeps no data on events of the action plan, so this part has no figures. The management company "
        "reports on the events separately.",
    ),
    "annual.chart": ("{n}-индикатор", "Индикатор {n}", "Indicator {n}"),
    "annual.running": ("толық емес жыл", "год не завершен", "year not over"),
    "annual.lower_is_better": (
        "Индекстегі орын неғұрлым төмен санмен белгіленсе, соғұрлым жақсы: жоспар – одан төмен түспейтін орын.",
        "Чем меньше номер места в индексе, тем лучше: план – место, ниже которого опускаться нельзя.",
        "The lower the number of the rank, the better: the plan is the rank not to fall below.",
    ),
    "annual.no_data": ("деректер жоқ", "нет данных", "no data"),
    "annual.by_type": ("Қатысушы түрлері бойынша", "По типам участников", "By type of participant"),
    "annual.by_size": ("Кәсіпорын мөлшері бойынша", "По размерности предприятия", "By enterprise size"),
    "annual.entered": (
        "Есепті кезеңде тізілімге енгізілгендер",
        "Включены в реестр за отчетный период",
        "Entered in the register in the reporting period",
    ),
    "annual.excluded": (
        "Есепті кезеңде тізілімнен шығарылғандар",
        "Исключены из реестра за отчетный период",
        "Excluded from the register in the reporting period",
    ),
    "annual.by_budget": ("Бюджет деңгейлері бойынша", "По уровням бюджета", "By level of budget"),
    "annual.by_code": (
        "Бюджеттік сыныптама кодтары бойынша",
        "По кодам бюджетной классификации",
        "By budget classification code",
    ),
    "annual.all_patents": (
        "Зияткерлік меншік объектілерінің толық тізбесі",
        "Полный перечень объектов интеллектуальной собственности",
        "Full list of intellectual property",
    ),
    "annual.premises": (
        "Шарт бойынша берілген үй-жайлар",
        "Помещения, переданные по договорам",
        "Premises let by contract",
    ),
    "annual.debts": (
        "Есептілікті ұсынбаған қатысушылар",
        "Участники, не представившие отчетность",
        "Participants with overdue reports",
    ),
    "col.indicator_no_year": ("Жыл", "Год", "Year"),
    "col.size": ("Кәсіпорын мөлшері", "Размерность предприятия", "Enterprise size"),
    "size.small": ("шағын", "малое", "small"),
    "size.medium": ("орта", "среднее", "medium"),
    "size.large": ("ірі", "крупное", "large"),
    "size.unknown": ("көрсетілмеген", "не указана", "not stated"),
    "col.opening": ("{day} күнгі саны", "На {day}", "On {day}"),
    "col.closing": ("{day} күнгі саны", "На {day}", "On {day}"),
    "col.entered": ("Енгізілгені", "Включено", "Entered"),
    "col.excluded": ("Шығарылғаны", "Исключено", "Excluded"),
    "col.share": ("Үлесі, %", "Доля, %", "Share, %"),
    "col.staff": ("Қызметкерлердің санаты, адам", "Категория работников, человек", "Category of staff, persons"),
    "col.investment_source": ("Инвестициялар көзі", "Источник инвестиций", "Source of investment"),
    "col.investment_amount": ("Сомасы, теңге", "Сумма, тенге", "Amount, KZT"),
    "subtotal": ("Топ бойынша барлығы", "Итого по группе", "Group total"),
    "col.direction": ("Ғылымның басым бағыты", "Приоритетное направление науки", "Priority direction of science"),
    "col.trl_at_entry": ("TRL, енгізілген кезде", "УГТ при включении", "TRL at entry"),
    "col.in_force": ("Қолданыста", "Действует", "In force"),
    "col.concluded": ("Жыл ішінде жасалды", "Заключено за год", "Concluded in the year"),
    "col.terminated": ("Жыл ішінде бұзылды", "Расторгнуто за год", "Terminated in the year"),
    "col.discipline": ("Есептер", "Отчеты", "Reports"),
    "discipline.expected": ("күтіледі", "ожидается", "expected"),
    "discipline.accepted": ("қабылданды", "принято", "accepted"),
    "discipline.on_time": (
        "оның ішінде мерзімінде тапсырылды",
        "в том числе сдано в срок",
        "including sent in time",
    ),
    "discipline.late": (
        "оның ішінде мерзімінен кеш тапсырылды",
        "в том числе сдано с опозданием",
        "including sent late",
    ),
    "discipline.imported": (
        "оның ішінде файлмен енгізілді (тапсырылған күні белгісіз)",
        "в том числе внесено файлом (дата сдачи неизвестна)",
        "including brought in by a file (day of sending unknown)",
    ),
    "discipline.waiting": ("тапсырылды, қаралуда", "сдано, на рассмотрении", "sent, under review"),
    "discipline.owed": ("мерзімі өтті, тапсырылмады", "срок истек, не сдано", "overdue, not sent"),
    "discipline.not_due": ("мерзімі келген жоқ", "срок не наступил", "not yet due"),
    "col.lines": ("Жолдар саны", "Число строк", "Lines"),
    "col.quarter_of": ("{n} тоқсан", "{n} квартал", "Q{n}"),
    "note.staff": (
        "Тоқсандағы қабылданған есептердің қосындысы. 3-индикаторға әр қатысушының жылдағы соңғы тоқсаны ғана кіреді, "
        "сондықтан сандар сәйкес келмеуі мүмкін.",
        "Суммы по принятым отчетам квартала. В индикатор 3 входит только последний квартал каждого участника в году, "
        "поэтому числа могут не совпадать.",
        "Sums of the accepted reports of the quarter. Indicator 3 takes each participant’s latest quarter of the year "
        "only, so the numbers may differ.",
    ),
    "note.projects": (
        "Тізілімде жобалар жеке жүргізілмейді: қатысушының басым бағыты және технологиялық әзірлік деңгейі (TRL) "
        "тізілімге енгізілген кезде және тізілім күні бойынша көрсетілген.",
        "Проекты в реестре отдельно не ведутся: показаны приоритетное направление и уровень готовности технологии "
        "(УГТ) участника при включении в реестр и на дату реестра.",
        "The register keeps no projects apart: shown are each participant’s priority direction and technology "
        "readiness level (TRL) at entry and on the day of the register.",
    ),
    "note.dues": ("Тапсыру мерзімдері: {list}.", "Сроки сдачи: {list}.", "Due dates: {list}."),
    "note.movement": (
        "Түрі мен мөлшері тізілім күніндегі деректер бойынша көрсетілген.",
        "Тип и размерность показаны по данным на дату реестра.",
        "Type and size are those on the day of the register.",
    ),
}
