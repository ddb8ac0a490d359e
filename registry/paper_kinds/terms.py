"""Every word that papers print, in kk, ru and en, with the glossary's terms.

A paper has one language of its own and must be the same for ever, so its words do not come from the catalogues of the
pages. Kazakh phrases are written so that no suffix hangs on a variable (``domain.md`` 6.2).
"""

from __future__ import annotations

from datetime import date

from registry.infra.i18n import NBSP, format_quarter
from registry.paper_kinds.terms_annual import ANNUAL
from registry.paper_kinds.terms_journal import JOURNAL
from registry.paper_kinds.terms_lists import LISTS
from registry.paper_kinds.terms_samples import SAMPLES

_TERMS: dict[str, tuple[str, str, str]] = {
    # The document: type in capitals, title. Titles of the three kinds of scope end in .resident, .participant, .all.
    "type.participants": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.contracts": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.patents": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.revenues": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.taxes": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.indicators": ("ЕСЕП", "ОТЧЕТ", "REPORT"),
    "type.extract": ("ҮЗІНДІ КӨШІРМЕ", "ВЫПИСКА", "EXTRACT"),
    "type.certificate": ("КУӘЛІК", "СВИДЕТЕЛЬСТВО", "CERTIFICATE"),
    "title.participants.resident": ("Резиденттер тізілімі", "Реестр резидентов", "Register of residents"),
    "title.participants.participant": ("Қатысушылар тізілімі", "Реестр участников", "Register of participants"),
    "title.participants.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылар тізілімі",
        "Реестр участников наукоемких территорий",
        "Register of participants of science-intensive territories",
    ),
    "title.contracts.resident": (
        "Резиденттермен жасалған шарттар тізілімі",
        "Реестр договоров с резидентами",
        "Register of contracts with residents",
    ),
    "title.contracts.participant": (
        "Қатысушылармен жасалған шарттар тізілімі",
        "Реестр договоров с участниками",
        "Register of contracts with participants",
    ),
    "title.contracts.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылармен жасалған шарттар тізілімі",
        "Реестр договоров с участниками наукоемких территорий",
        "Register of contracts with participants of science-intensive territories",
    ),
    "title.patents.resident": (
        "Резиденттердің зияткерлік меншік объектілерінің тізілімі",
        "Реестр объектов интеллектуальной собственности резидентов",
        "Register of intellectual property of residents",
    ),
    "title.patents.participant": (
        "Қатысушылардың зияткерлік меншік объектілерінің тізілімі",
        "Реестр объектов интеллектуальной собственности участников",
        "Register of intellectual property of participants",
    ),
    "title.patents.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылардың зияткерлік меншік объектілерінің тізілімі",
        "Реестр объектов интеллектуальной собственности участников наукоемких территорий",
        "Register of intellectual property of participants of science-intensive territories",
    ),
    "title.revenues.resident": (
        "Резиденттер түсімінің тізілімі",
        "Реестр выручки резидентов",
        "Register of residents’ revenue",
    ),
    "title.revenues.participant": (
        "Қатысушылар түсімінің тізілімі",
        "Реестр выручки участников",
        "Register of participants’ revenue",
    ),
    "title.revenues.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылар түсімінің тізілімі",
        "Реестр выручки участников наукоемких территорий",
        "Register of revenue of participants of science-intensive territories",
    ),
    "title.taxes.resident": (
        "Резиденттерден түскен салықтық түсімдер тізілімі",
        "Реестр налоговых поступлений от резидентов",
        "Register of tax receipts from residents",
    ),
    "title.taxes.participant": (
        "Қатысушылардан түскен салықтық түсімдер тізілімі",
        "Реестр налоговых поступлений от участников",
        "Register of tax receipts from participants",
    ),
    "title.taxes.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылардан түскен салықтық түсімдер тізілімі",
        "Реестр налоговых поступлений от участников наукоемких территорий",
        "Register of tax receipts from participants of science-intensive territories",
    ),
    "title.indicators": (
        "Нысаналы индикаторлардың орындалуы туралы есеп",
        "Отчет об исполнении целевых индикаторов",
        "Report on the achievement of target indicators",
    ),
    "title.extract.resident": (
        "Резиденттер тізілімінен үзінді көшірме",
        "Выписка из реестра резидентов",
        "Extract from the register of residents",
    ),
    "title.extract.participant": (
        "Қатысушылар тізілімінен үзінді көшірме",
        "Выписка из реестра участников",
        "Extract from the register of participants",
    ),
    "title.certificate.resident": (
        "Резидент ретінде тізілімге енгізілгені туралы куәлік",
        "Свидетельство о включении в реестр в качестве резидента",
        "Certificate of entry in the register as a resident",
    ),
    "title.certificate.participant": (
        "Қатысушы ретінде тізілімге енгізілгені туралы куәлік",
        "Свидетельство о включении в реестр в качестве участника",
        "Certificate of entry in the register as a participant",
    ),
    "all_territories": (
        "Барлық ғылымды шоғырландыру аумақтары",
        "Все наукоемкие территории",
        "All science-intensive territories",
    ),
    "draft": ("ЖОБА", "ПРОЕКТ", "DRAFT"),
    "draft.note": (
        "Жоба: бекітілмеген, нөмірі мен күші жоқ.",
        "Проект: не утвержден, не имеет номера и силы.",
        "Draft: not approved, without number and force.",
    ),
    "demo": ("ДЕМО-ДЕРЕКТЕР", "ДЕМО-ДАННЫЕ", "ДЕМО – DEMO DATA"),
    "demo.note": (
        "Бұл құжат демо-деректер бойынша жасалған, ресми күші жоқ.",
        "Документ составлен по демонстрационным данным и официальной силы не имеет.",
        "This paper was made from demo data and has no official force.",
    ),
    "copy_note": (
        "",
        "",
        "The English text is an information copy of the Kazakh and Russian papers of the same number.",
    ),
    # Requisites.
    "company": ("Басқарушы компания", "Управляющая компания", "Management company"),
    "company.bin": ("БСН", "БИН", "BIN"),
    "company.address": ("Мекенжайы", "Адрес", "Address"),
    "territory": ("Ғылымды шоғырландыру аумағы", "Наукоемкая территория", "Science-intensive territory"),
    "number": ("№", "№", "No."),
    "approval": ("БЕКІТЕМІН", "УТВЕРЖДАЮ", "APPROVED BY"),
    "approval.position": ("лауазымы", "должность", "position"),
    "approval.signature": ("қолы, тегі, аты-жөнінің бас әріптері", "подпись, инициалы, фамилия", "signature, name"),
    "approval.date": (
        f"20____{NBSP}жылғы{NBSP}«____»{NBSP}____________________",
        f"«____»{NBSP}____________________{NBSP}20____{NBSP}г.",
        f"____{NBSP}____________________{NBSP}20____",
    ),
    "signature.head": ("Бірінші басшы", "Первый руководитель", "Chief executive"),
    "signature.officer": ("Жауапты қызметкер", "Ответственный работник", "Responsible officer"),
    "signature.accountant": ("Бас бухгалтер", "Главный бухгалтер", "Chief accountant"),
    "signature.sign": ("қолы", "подпись", "signature"),
    "signature.name": ("тегі, аты-жөнінің бас әріптері", "инициалы, фамилия", "name"),
    "seal": ("М.О.", "М.П.", "Place of seal"),
    "executor": ("Орындаушы", "Исполнитель", "Prepared by"),
    "phone": ("тел.", "тел.", "tel."),
    "annex": ("{n}-қосымша", "Приложение {n}", "Annex {n}"),
    "notes": ("Ескертпе", "Примечание", "Note"),
    "sources": ("Дереккөз", "Источник", "Source"),
    "coverage": (
        "Деректердің толықтығы: күтілетін есептер – {expected}, қабылданғаны – {accepted}",
        "Полнота данных: ожидается отчетов – {expected}, принято – {accepted}",
        "Completeness of data: reports expected – {expected}, accepted – {accepted}",
    ),
    "entries": ("Жазбалар саны – {count}", "Количество записей – {count}", "Number of entries – {count}"),
    # Footers, stamped on.
    "page": ("{page}-бет, барлығы {pages}", "стр. {page} из {pages}", "page {page} of {pages}"),
    "code": ("Тексеру коды", "Код проверки", "Verification code"),
    "qr": (
        "QR-код: түпнұсқалығын тексеру мекенжайы – {address}",
        "QR-код: адрес проверки подлинности – {address}",
        "QR code: address for verification – {address}",
    ),
    "check": ("Құжаттың түпнұсқалығын тексеру", "Проверка подлинности документа", "Document verification"),
    "journal": (
        "Өзгерістер журналы: соңғы жазба № {sequence}, SHA-256 {hash}",
        "Журнал изменений: последняя запись № {sequence}, SHA-256 {hash}",
        "Change log: last entry No. {sequence}, SHA-256 {hash}",
    ),
    # Columns.
    "col.no": ("Р/с №", "№ п/п", "No."),
    "col.territory": ("Аумақ", "Территория", "Territory"),
    "col.register_no": ("Тізілімдегі нөмір", "Номер в реестре", "Register number"),
    "col.bin": ("БСН (ЖСН)", "БИН (ИИН)", "BIN (IIN)"),
    "col.name": ("Атауы", "Наименование", "Name"),
    "col.register_no_and_bin": (
        "Тізілімдегі нөмір, БСН (ЖСН)",
        "Номер в реестре, БИН (ИИН)",
        "Register number, BIN (IIN)",
    ),
    "col.name_and_bin": ("Атауы, БСН (ЖСН)", "Наименование, БИН (ИИН)", "Name, BIN (IIN)"),
    "col.type": ("Қатысушы түрі", "Тип участника", "Type of participant"),
    "col.address": ("Заңды мекенжайы", "Юридический адрес", "Registered address"),
    "col.oked": ("ЭҚЖЖ", "ОКЭД", "OKED"),
    "col.registered_on": ("Тізілімге енгізілген күні", "Дата включения в реестр", "Date of entry"),
    "col.decision": ("Шешімнің нөмірі мен күні", "Номер и дата решения", "Decision number and date"),
    "col.status": ("Мәртебе", "Статус", "Status"),
    "col.contract_no": ("Шарттың нөмірі және күні", "Номер и дата договора", "Contract number and date"),
    "col.contract_kind": ("Шарттың түрі мен мәні", "Вид и предмет договора", "Kind and subject of the contract"),
    "col.party": ("Екінші тарап", "Вторая сторона", "Other party"),
    "col.term": ("Қолданылу мерзімі", "Срок действия", "Term"),
    "col.addenda": ("Қосымша келісімдер", "Дополнительные соглашения", "Supplementary agreements"),
    "premises": ("үй-жай: {number}", "помещение: {number}", "premises: {number}"),
    "col.area": ("Алаңы, м²", "Площадь, м²", "Area, m²"),
    "col.amount": ("Сомасы, теңге", "Сумма, тенге", "Amount, KZT"),
    "col.title_no": ("Қорғау құжатының нөмірі (11)", "№ охранного документа (11)", "No. of title (11)"),
    "col.title": (
        "Қорғау құжатының нөмірі (11), тіркелген күні",
        "№ охранного документа (11), дата регистрации",
        "No. of title (11), registration date",
    ),
    "col.application": (
        "Өтінімнің нөмірі (21), берілген күні (22)",
        "Номер заявки (21), дата подачи (22)",
        "Application No. (21), filing date (22)",
    ),
    "col.ip_kind": ("Түрі, ведомство", "Вид, ведомство", "Kind, office"),
    "col.ip_name": ("Атауы (54)", "Название (54)", "Title (54)"),
    "col.ipc": ("ХПС (51)", "МПК (51)", "IPC (51)"),
    "col.filed_on": ("Өтінім берілген күн (22)", "Дата подачи заявки (22)", "Filing date (22)"),
    "col.ip_registered_on": ("Тіркелген күні", "Дата регистрации", "Registration date"),
    "col.published": (
        "Жарияланған күні, бюллетень нөмірі (45)",
        "Дата публикации, номер бюллетеня (45)",
        "Publication date, bulletin (45)",
    ),
    "col.holders": ("Патент иеленуші (73)", "Патентообладатель (73)", "Patent holder (73)"),
    "col.authors": ("Автор(лар) (72)", "Автор(ы) (72)", "Inventor(s) (72)"),
    "col.counted": ("6-индикаторға есептелген", "Учтен в индикаторе 6", "Counted for indicator 6"),
    "col.bcc": ("БСК", "КБК", "BCC"),
    "col.tax": ("Салық және төлемақы", "Налог, плата", "Tax or fee"),
    "col.budget": ("Бюджет", "Бюджет", "Budget"),
    "col.paid": ("Төленген, теңге", "Уплачено, тенге", "Paid, KZT"),
    "col.republican": ("Республикалық бюджет, теңге", "Республиканский бюджет, тенге", "Republican budget, KZT"),
    "col.local": ("Жергілікті бюджет, теңге", "Местный бюджет, тенге", "Local budget, KZT"),
    "col.counted_taxes": (
        "Салықтық түсімдер барлығы, теңге",
        "Налоговые поступления, итого, тенге",
        "Tax receipts, total, KZT",
    ),
    "col.other_payments": (
        "Индикаторға кірмейтін төлемдер, теңге",
        "Платежи, не входящие в индикатор, тенге",
        "Payments not counted, KZT",
    ),
    "col.category": ("Түсім санаты", "Категория выручки", "Revenue category"),
    "col.category.rnd_works": ("ҒЗТКЖ, теңге", "НИОКР, тенге", "R&D works, KZT"),
    "col.category.sci_tech_services": (
        "Ғылыми-техникалық қызметтер, теңге",
        "Научно-технические услуги, тенге",
        "Scientific and technical services, KZT",
    ),
    "col.category.science_intensive_product": (
        "Ғылымды қажетсінетін өнім, теңге",
        "Наукоемкая продукция, тенге",
        "Science-intensive product, KZT",
    ),
    "col.category.other": ("Өзге түсім, теңге", "Иная выручка, тенге", "Other revenue, KZT"),
    "col.counted_revenue": (
        "Индикаторға есептелгені, теңге",
        "Учтено в индикаторе, тенге",
        "Counted for the indicator, KZT",
    ),
    "col.revenue": ("Түсім барлығы, теңге", "Выручка, итого, тенге", "Revenue, total, KZT"),
    "col.export": ("Оның ішінде экспорт, теңге", "В том числе экспорт, тенге", "Including export, KZT"),
    "col.export_share": ("Экспорт үлесі, %", "Доля экспорта, %", "Export share, %"),
    "col.indicator": ("Нысаналы индикатор", "Целевой индикатор", "Target indicator"),
    "col.indicator_no": ("Индикатор №", "№ индикатора", "Indicator No."),
    "col.unit": ("Өлшем бірлігі", "Единица измерения", "Unit"),
    "col.target": ("Жоспар", "План", "Plan"),
    "col.actual": ("Нақты мән", "Факт", "Actual"),
    "col.percent": ("Орындалу пайызы", "Процент исполнения", "Achievement, %"),
    "col.coverage": (
        "Қабылданған / күтілетін есептер",
        "Принято / ожидается отчетов",
        "Reports accepted / expected",
    ),
    "col.quarter": ("Тоқсан", "Квартал", "Quarter"),
    "col.line": ("Көрсеткіш", "Показатель", "Item"),
    "col.document": ("Растайтын құжат", "Подтверждающий документ", "Evidence document"),
    "col.persons": ("Саны, адам", "Численность, человек", "Persons"),
    "col.change": ("Өзгеріс", "Изменение", "Change"),
    "col.effective_on": ("Күшіне енген күні", "Дата вступления в силу", "Effective date"),
    "col.ground": ("Негіз", "Основание", "Ground"),
    "col.period": ("Есепті кезең", "Отчетный период", "Reporting period"),
    "col.specialists": (
        "Ғылыми-зерттеуші мамандар, адам",
        "Специалисты-исследователи, человек",
        "Research specialists, persons",
    ),
    "col.investment": ("Жеке инвестициялар, теңге", "Частные инвестиции, тенге", "Private investment, KZT"),
    "total": ("Барлығы", "Итого", "Total"),
    "total.count": ("Барлығы: {count}", "Итого: {count}", "Total: {count}"),
    "subtotal.counted": ("Индикаторға кіретіні", "Входит в индикатор", "Counted for the indicator"),
    "subtotal.not_counted": ("Индикаторға кірмейтіні", "Не входит в индикатор", "Not counted"),
    "yes": ("иә", "да", "yes"),
    "no": ("жоқ", "нет", "no"),
    "nothing": ("Жазба жоқ.", "Записей нет.", "There are no entries."),
    # Values.
    "status.active": ("қолданыста", "действует", "active"),
    "status.suspended": ("тоқтатыла тұрған", "приостановлен", "suspended"),
    "status.suspended_since": (
        "тоқтатыла тұрған, {day} бастап",
        f"приостановлен с{NBSP}{{day}}",
        "suspended since {day}",
    ),
    "status.excluded": ("тізілімнен шығарылған", "исключен из реестра", "excluded"),
    "status.upcoming": ("басталмаған", "не наступил", "not yet begun"),
    "change.suspended": ("мәртебені тоқтата тұру", "приостановление статуса", "suspension of status"),
    "change.resumed": ("мәртебені қалпына келтіру", "возобновление статуса", "resumption of status"),
    "change.excluded": ("тізілімнен шығару", "исключение из реестра", "exclusion from the register"),
    "budget.republican": ("республикалық (РБ)", "республиканский (РБ)", "republican"),
    "budget.local": ("жергілікті (ЖБ)", "местный (МБ)", "local"),
    "budget.none": ("–", "–", "–"),
    "unit.KZT": ("млрд теңге", "млрд тенге", "bn tenge"),
    "unit.rank": ("орын", "место", "rank"),
    "unit.persons": ("адам", "человек", "persons"),
    "unit.patents": ("бірлік", "единиц", "units"),
    "document.of": (
        f"№{NBSP}{{number}}, {{day}}",
        f"№{NBSP}{{number}} от{NBSP}{{day}}",
        f"No.{NBSP}{{number}} of{NBSP}{{day}}",
    ),
    "document.number": (f"№{NBSP}{{number}}", f"№{NBSP}{{number}}", f"No.{NBSP}{{number}}"),
    "bulletin": (f"№{NBSP}{{number}}", f"№{NBSP}{{number}}", f"No.{NBSP}{{number}}"),
    # Kinds of evidence documents people write as a code; any other text prints as it stands.
    "evidence.account_statement": ("жеке шоттан үзінді көшірме", "выписка из лицевого счета", "account statement"),
    "evidence.statement": ("үзінді көшірме", "выписка", "statement"),
    "evidence.contract": ("шарт", "договор", "contract"),
    "evidence.agreement": ("келісім", "соглашение", "agreement"),
    "evidence.act": ("акт", "акт", "act"),
    "evidence.invoice": ("шот-фактура", "счет-фактура", "invoice"),
    "evidence.declaration": ("декларация", "декларация", "declaration"),
    "evidence.order": ("бұйрық", "приказ", "order"),
    "evidence.staff_list": ("штат кестесі", "штатное расписание", "staff list"),
    "no_end": ("мерзімсіз", "бессрочно", "no end"),
    "demo.short": ("ДЕМО", "ДЕМО", "ДЕМО"),
    # Headings of parts.
    "part.by_resident": ("Қатысушылар бойынша", "По участникам", "By participant"),
    "part.by_code": (
        "Бюджеттік сыныптама кодтары мен бюджеттер бойынша",
        "По кодам бюджетной классификации и бюджетам",
        "By budget classification code and budget",
    ),
    "part.by_category": ("Түсім санаттары бойынша", "По категориям выручки", "By revenue category"),
    "part.entry": ("Тізілім жазбасы", "Запись реестра", "Entry of the register"),
    "part.changes": ("Мәртебенің өзгерістері", "История статуса", "History of the status"),
    "part.contracts": ("Шарттар", "Договоры", "Contracts"),
    "part.patents": ("Зияткерлік меншік", "Интеллектуальная собственность", "Intellectual property"),
    "part.figures": (
        "Қабылданған есептердің көрсеткіштері",
        "Показатели принятых отчетов",
        "Figures of accepted reports",
    ),
    "part.contracts_by_kind": ("Шарттардың түрлері бойынша", "По видам договоров", "By kind of contract"),
    "col.kind": ("Түрі", "Вид", "Kind"),
    "col.count": ("Саны", "Количество", "Number"),
    "annex.territories": (
        "Нысаналы индикаторлардың аумақтар бойынша нақты мәндері",
        "Фактические значения целевых индикаторов по территориям",
        "Actual values of the target indicators by territory",
    ),
    "annex.lines": (
        "{n}-индикаторға есептелген жолдар",
        "Строки отчетов, учтенные в индикаторе {n}",
        "Lines counted for indicator {n}",
    ),
    "annex.tax_lines": (
        "Төлем сомаларын құрайтын қабылданған есептердің жолдары",
        "Строки принятых отчетов, из которых сложены суммы платежей",
        "Lines of accepted reports that add up to the payments",
    ),
    "annex.revenue_lines": (
        "Түсім сомаларын құрайтын қабылданған есептердің жолдары",
        "Строки принятых отчетов, из которых сложены суммы выручки",
        "Lines of accepted reports that add up to the revenues",
    ),
    "col.country": ("Ел", "Страна", "Country"),
    "annex.patents": (
        "6-индикаторға есептелген өнертабысқа патенттер",
        "Патенты на изобретения, учтенные в индикаторе 6",
        "Patents for inventions counted for indicator 6",
    ),
    # Labels of an entry.
    "label.legal_form": ("Ұйымдық-құқықтық нысаны", "Организационно-правовая форма", "Legal form"),
    "label.head": ("Бірінші басшы", "Первый руководитель", "Chief executive"),
    "label.krp": ("Кәсіпорын мөлшері (КРП)", "Размерность предприятия (КРП)", "Enterprise size (KRP)"),
    "label.kbe": ("Бенефициар коды (КБе)", "Код бенефициара (КБе)", "Beneficiary code (KBe)"),
    "label.kato": ("ӘАОЖ коды", "Код КАТО", "KATO code"),
    "label.oked": (
        "Экономикалық қызмет түрі (ЭҚЖЖ)",
        "Вид экономической деятельности (ОКЭД)",
        "Economic activity code (OKED)",
    ),
    "label.direction": ("Ғылымның басым бағыты", "Приоритетное направление науки", "Priority direction of science"),
    "label.trl": (
        "Технологиялық әзірлік деңгейі (TRL)",
        "Уровень готовности технологии (УГТ)",
        "Technology readiness level (TRL)",
    ),
    "label.accreditation": ("Аккредиттеу туралы куәлік", "Свидетельство об аккредитации", "Accreditation certificate"),
    "label.accreditation_until": ("Куәліктің қолданылу мерзімі", "Срок действия свидетельства", "Valid until"),
    "label.experimental": (
        "Эксперименталды өндірістік зауыт",
        "Экспериментально-производственный завод",
        "Experimental production plant",
    ),
    "label.status_since": ("Мәртебе өзгерген күн", "Дата изменения статуса", "Status since"),
    "label.rules": ("Тізілімді жүргізу негізі", "Основание ведения реестра", "Rules the register is kept by"),
    "certificate.text": (
        "Осы куәлік төменде көрсетілген тұлғаның тізілімге енгізілгенін және осы құжатта көрсетілген күні тиісті "
        "мәртебеге ие екенін растайды.",
        "Настоящее свидетельство подтверждает, что указанное ниже лицо включено в реестр и обладает соответствующим "
        "статусом на дату, указанную в настоящем документе.",
        "This is to certify that the person named below is entered in the register and holds the corresponding status "
        "on the date stated in this paper.",
    ),
    "certificate.status.resident": ("Резидент", "Резидент", "Resident"),
    "certificate.status.participant": ("Қатысушы", "Участник", "Participant"),
    "certificate.role": ("Мәртебесі", "Статус", "Capacity"),
    "certificate.end": (
        "Тізілімнен шығарылған кезде куәліктің күші жойылады. Куәліктің қолданыстағы жай-күйі бірінші беттегі QR-код "
        "бойынша тексеріледі.",
        "При исключении из реестра свидетельство утрачивает силу. Действительность свидетельства проверяется по "
        "QR-коду на первой странице.",
        "The certificate ceases to be valid on exclusion from the register. Its present status is checked by the QR "
        "code on page 1.",
    ),
    # Notes and sources.
    "note.territories": ("Аумақтардың белгілері: {list}.", "Обозначения территорий: {list}.", "Territories: {list}."),
    "note.participants": (
        "Тізілімде көрсетілген күнгі қатысушылар ғана бар; мәртебені тоқтата тұру қатысуды тоқтатпайды.",
        "В реестр включены только участники на указанную дату; приостановление статуса не прекращает участия.",
        "Only those who are participants on the day are listed; suspension of status does not end participation.",
    ),
    "note.cells": (
        "Тік жақшадағы код қорытынды қосылған жолдарды ашады: ол құжатты тексеру бетінде енгізіледі.",
        "Код в квадратных скобках раскрывает строки, из которых сложен итог: он вводится на странице проверки.",
        "The code in square brackets opens the lines behind a total: it is entered on the page of verification.",
    ),
    "note.masked": (
        "Жеке тұлғалардың ЖСН-і дербес деректерді қорғау үшін ішінара жасырылған.",
        "ИИН физических лиц частично скрыты в целях защиты персональных данных.",
        "IINs of natural persons are masked in part to protect personal data.",
    ),
    "note.contracts": (
        "Көрсетілген күні қолданыстағы шарттар; мерзім, сома және шарттың мәні сол күнге күшіне енген қосымша "
        "келісімдер ескеріле отырып көрсетілген.",
        "Договоры, действующие на указанную дату; срок, сумма и предмет указаны с учетом дополнительных соглашений, "
        "вступивших в силу к этой дате.",
        "Contracts in force on the day; term, amount and subject follow the supplementary agreements effective by it.",
    ),
    "note.inid": (
        "Бағандардағы жақша ішіндегі сандар – ДЗМҰ ST.9 стандарты бойынша ИНИД кодтары.",
        "Числа в скобках в заголовках граф – коды ИНИД по стандарту ВОИС ST.9.",
        "Numbers in brackets in the headings are INID codes of WIPO standard ST.9.",
    ),
    "note.counting": (
        "6-индикаторға {year} жылы ҚР-да тіркелген өнертабысқа патенттер есептеледі, егер тіркелген күні патент "
        "иеленушілердің кемінде біреуі қатысушы болса; бірнеше қатысушы иеленген патент бір рет есептеледі.",
        "В индикаторе 6 учитываются патенты РК на изобретения, зарегистрированные в {year} году, если хотя бы один "
        "патентообладатель на дату регистрации был участником; патент нескольких участников учитывается один раз.",
        "Indicator 6 counts Kazakhstan patents for inventions registered in {year} when at least one holder was a "
        "participant on the day of registration; a patent of several participants counts once.",
    ),
    "note.taxes": (
        "Салықтық түсімдерге «1» санатындағы бюджеттік сыныптама кодтары бойынша төлемдер ғана кіреді; әлеуметтік "
        "аударымдар мен айыппұлдар кірмейді.",
        "К налоговым поступлениям относятся только платежи по кодам бюджетной классификации категории «1»; социальные "
        "отчисления и штрафы не входят.",
        "Tax receipts are payments under budget classification codes of category “1” only; social contributions and "
        "fines do not count.",
    ),
    "note.export": (
        "Экспорт – Қазақстан Республикасынан тыс елдерден алынған түсім.",
        "Экспорт – выручка, полученная из стран вне Республики Казахстан.",
        "Export is revenue from countries other than the Republic of Kazakhstan.",
    ),
    "note.accepted": (
        "Қабылданған есептердің соңғы нұсқалары ғана ескерілген.",
        "Учтены только последние версии принятых отчетов.",
        "Only the latest accepted versions of reports are counted.",
    ),
    "note.national": (
        "Жоспар – Тұжырымдаманың барлық аумақтар үшін бірлесіп белгіленген нысаналы индикаторы.",
        "План – целевой индикатор Концепции, установленный для всех территорий вместе.",
        "The plan is the Concept’s target indicator, set for all territories together.",
    ),
    "note.own_plan": (
        "Жоспар – аумақ үшін жеке бекітілген мән; бекітілмесе, сызықша қойылады.",
        "План – значение, утвержденное отдельно для территории; если не утверждено, ставится прочерк.",
        "The plan is the value approved for the territory; a dash stands where there is none.",
    ),
    "note.indicator_2": (
        "2-индикатор – анықтама үшін: GII рейтингінің «бизнес қаржыландыратын ҒЗТКЖ-ға ішкі шығындар» қосымша "
        "көрсеткіші; орын төмендеген сайын нәтиже жақсы, пайыз – жоспардың нақты мәнге қатынасы.{source}",
        "Индикатор 2 – справочно: субпоказатель рейтинга GII «внутренние затраты на НИОКР, финансируемые бизнесом»; "
        "чем меньше место, тем лучше, процент – отношение плана к факту.{source}",
        "Indicator 2 is given for information: the GII sub-indicator “GERD financed by business”; a lower rank is "
        "better, the percentage is plan divided by actual.{source}",
    ),
    "note.indicator_3": (
        "3-индикатор эксперименталды өндірістік зауыттарсыз есептелген; іс-қимыл жоспарындағы тұжырым өзгеше.",
        "Индикатор 3 рассчитан без экспериментально-производственных заводов; формулировка плана действий иная.",
        "Indicator 3 leaves out experimental production plants; the action plan words it differently.",
    ),
    "note.indicator_5": (
        "5-индикатордың ресми атауында «үлесі» деп жазылған, өлшем бірлігі – млрд теңге: көлем ретінде есептелген.",
        "В официальном названии индикатора 5 стоит слово «доля», единица измерения – млрд тенге: рассчитан объем.",
        "The official title of indicator 5 says “share”, its unit is bn tenge: the volume is counted.",
    ),
    "note.indicator_6": (
        "6-индикатор: жыл ішінде ҚР-да тіркелген өнертабысқа патенттер; шетелдік және PCT бойынша өтінімдер "
        "есептелмейді.",
        "Индикатор 6: патенты РК на изобретения, зарегистрированные в течение года; зарубежные патенты и заявки PCT "
        "не учитываются.",
        "Indicator 6: Kazakhstan patents for inventions registered within the year; foreign grants and PCT "
        "applications do not count.",
    ),
    "note.rounding": (
        "Теңге дәл сақталады және қосылады; млрд теңгеге дейін қосындылағаннан кейін дөңгелектеледі.",
        "Суммы хранятся и складываются в тенге точно; до млрд тенге округляется готовая сумма.",
        "Tenge are kept and added exactly; only the finished sum is rounded to bn tenge.",
    ),
    "source.register": (
        "«Тізілім» жүйесіндегі қатысушылар тізілімі",
        "реестр участников в системе «Тізілім»",
        "register of participants in the Tizilim system",
    ),
    "source.contracts": (
        "«Тізілім» жүйесіндегі шарттар тізілімі",
        "реестр договоров в системе «Тізілім»",
        "register of contracts in the Tizilim system",
    ),
    "source.patents": (
        "«Тізілім» жүйесіндегі зияткерлік меншік тізілімі, қорғау құжаттары",
        "реестр интеллектуальной собственности в системе «Тізілім», охранные документы",
        "register of intellectual property in the Tizilim system, titles of protection",
    ),
    "source.reports": (
        "басқарушы компания қабылдаған тоқсандық есептер және оларды растайтын құжаттар",
        "квартальные отчеты, принятые управляющей компанией, и подтверждающие их документы",
        "quarterly reports accepted by the management company and their evidence documents",
    ),
    "source.edition": (
        " Дереккөз: {source}, {edition}.",
        " Источник: {source}, {edition}.",
        " Source: {source}, {edition}.",
    ),
}

_TERMS |= ANNUAL | LISTS | JOURNAL | SAMPLES

_MONTHS_ON = (
    "қаңтардағы", "ақпандағы", "наурыздағы", "сәуірдегі", "мамырдағы", "маусымдағы", "шілдедегі", "тамыздағы",
    "қыркүйектегі", "қазандағы", "қарашадағы", "желтоқсандағы",
)  # fmt: skip
_MONTHS_OF = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
    "ноября", "декабря",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_MONTH_NAMES = {
    "kk": (
        "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша",
        "желтоқсан",
    ),
    "ru": (
        "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь",
        "декабрь",
    ),
    "en": _MONTHS,
}  # fmt: skip

_POSITIONS = {"kk": 0, "ru": 1, "en": 2}


def say(key: str, language: str, **values: object) -> str:
    """A phrase in a paper's language.

    :raises KeyError: for a phrase that does not exist.
    """
    text = _TERMS[key][_POSITIONS[language]]
    return text.format(**values) if values else text


def knows(key: str) -> bool:
    """Whether there is such a phrase."""
    return key in _TERMS


def as_of(day: date, language: str) -> str:
    """The state of a register on a day: ``2026 жылғы 30 қыркүйектегі жағдай бойынша``."""
    month = day.month - 1
    if language == "kk":
        return f"{day.year}{NBSP}жылғы {day.day}{NBSP}{_MONTHS_ON[month]} жағдай бойынша"
    if language == "ru":
        return f"по состоянию на {day.day}{NBSP}{_MONTHS_OF[month]} {day.year}{NBSP}года"
    return f"as of {day.day}{NBSP}{_MONTHS[month]} {day.year}"


def year(number: int, language: str) -> str:
    """A year as a value of its own: ``2026 жыл``, ``2026 год``, ``2026``."""
    return {"kk": f"{number}{NBSP}жыл", "ru": f"{number}{NBSP}год", "en": str(number)}[language]


def month(year: int, number: int, language: str) -> str:
    """A month as a heading: ``2026 жылғы наурыз``, ``март 2026 года``, ``March 2026``."""
    name = _MONTH_NAMES[language][number - 1]
    return {"kk": f"{year} жылғы {name}", "ru": f"{name} {year} года", "en": f"{name} {year}"}[language]


def over(year: int, quarter: int | None, language: str) -> str:
    """A period: ``2026 жыл үшін``, ``за I квартал 2026 года``."""
    if quarter is None:
        return {"kk": f"{year}{NBSP}жыл үшін", "ru": f"за {year}{NBSP}год", "en": f"for {year}"}[language]
    named = format_quarter(year, quarter, language)
    return {"kk": f"{named} үшін", "ru": f"за {named}", "en": f"for {named}"}[language]
