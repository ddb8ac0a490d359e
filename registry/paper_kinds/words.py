"""Words that papers print in kk, ru and en, with the terms of the glossary: phrases that kinds share, and dates.

A paper has one language, whatever the language of the page, and must stay the same for ever. So its words do not come
from the translation catalogues of the pages. Kazakh phrases are written so that no suffix follows a variable
(``domain.md`` 6.2).
"""

from __future__ import annotations

from datetime import date

from registry.infra.i18n import NBSP, format_quarter

Words = dict[str, tuple[str, str, str]]
"""Phrases by key: a tuple of the texts in kk, ru and en."""

SHARED: Words = {
    "all_territories": (
        "Барлық ғылымды шоғырландыру аумақтары",
        "Все наукоемкие территории",
        "All science-intensive territories",
    ),
    "draft": ("ҚАРАЛАМА", "ПРОЕКТ", "DRAFT"),
    "draft.note": (
        "Қаралама: бекітілмеген, нөмірі мен күші жоқ.",
        "Проект: не утвержден, не имеет номера и силы.",
        "Draft: not approved, without number and force.",
    ),
    "demo": ("ДЕМО-ДЕРЕКТЕР", "ДЕМО-ДАННЫЕ", "ДЕМО – DEMO DATA"),
    "demo.note": (
        "Бұл құжат демо-деректер бойынша жасалған, ресми күші жоқ.",
        "Документ составлен по демонстрационным данным и официальной силы не имеет.",
        "This paper was made from demo data and has no official force.",
    ),
    "copy": ("АҚПАРАТТЫҚ КӨШІРМЕ", "ИНФОРМАЦИОННАЯ КОПИЯ", "INFORMATION COPY"),
    "copy.note": (
        "Бұл ақпараттық көшірме: оны ешкім бекітпеген, қол қойылмайды және ресми құжаттың орнына пайдаланылмайды.",
        "Это информационная копия: она никем не утверждена, не подписывается и официального документа не заменяет.",
        "This is an information copy: nobody has approved it, it is not signed and does not stand for the official "
        "paper.",
    ),
    "known_at": (
        "{day}, {time} сәтіне дейін жазылған мәліметтер бойынша",
        "по сведениям, записанным до {day}, {time}",
        "as recorded by {day}, {time}",
    ),
    "copy_note": (
        "",
        "",
        "The English text is an information copy of the Kazakh and Russian papers of the same number.",
    ),
    "company": ("Басқарушы компания", "Управляющая компания", "Management company"),
    "consolidating_body": (
        "Жиынтық құжаттарды жасайтын орган",
        "Орган, составляющий сводные документы",
        "Consolidating body",
    ),
    "place": ("Жасалған орны", "Место составления", "Place of issue"),
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
    "approver": ("Тізілімде бекіткен", "Утвердил в реестре", "Approved in the registry by"),
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
    "col.term": ("Қолданылу мерзімі", "Срок действия", "Term"),
    "premises": ("үй-жай: {number}", "помещение: {number}", "premises: {number}"),
    "col.addenda": ("Қосымша келісімдер", "Дополнительные соглашения", "Supplementary agreements"),
    "col.area": ("Алаңы, м²", "Площадь, м²", "Area, m²"),
    "col.amount": ("Сомасы, теңге", "Сумма, тенге", "Amount, KZT"),
    "col.title_no": ("Қорғау құжатының нөмірі (11)", "№ охранного документа (11)", "No. of title (11)"),
    "col.title": (
        "Қорғау құжатының нөмірі (11), тіркелген күні",
        "№ охранного документа (11), дата регистрации",
        "No. of title (11), registration date",
    ),
    "col.ip_kind": ("Түрі, ведомство", "Вид, ведомство", "Kind, office"),
    "col.ip_name": ("Атауы (54)", "Название (54)", "Title (54)"),
    "col.filed_on": ("Өтінім берілген күн (22)", "Дата подачи заявки (22)", "Filing date (22)"),
    "col.ip_registered_on": ("Тіркелген күні", "Дата регистрации", "Registration date"),
    "col.holders": ("Патент иеленуші (73)", "Патентообладатель (73)", "Patent holder (73)"),
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
    "col.category": ("Түсім санаты", "Категория выручки", "Revenue category"),
    "col.counted_revenue": (
        "Индикаторға есептелгені, теңге",
        "Учтено в индикаторе, тенге",
        "Counted for the indicator, KZT",
    ),
    "col.revenue": ("Түсім барлығы, теңге", "Выручка, итого, тенге", "Revenue, total, KZT"),
    "base": ("база", "база", "base"),
    "col.target": ("Жоспар", "План", "Plan"),
    "col.actual": ("Нақты мән", "Факт", "Actual"),
    "col.coverage": (
        "Қабылданған / күтілетін есептер",
        "Принято / ожидается отчетов",
        "Reports accepted / expected",
    ),
    "col.quarter": ("Тоқсан", "Квартал", "Quarter"),
    "col.line": ("Көрсеткіш", "Показатель", "Item"),
    "col.document": ("Растайтын құжат", "Подтверждающий документ", "Evidence document"),
    "col.ground": ("Негіз", "Основание", "Ground"),
    "col.period": ("Есепті кезең", "Отчетный период", "Reporting period"),
    "col.investment": ("Жеке инвестициялар, теңге", "Частные инвестиции, тенге", "Private investment, KZT"),
    "total": ("Барлығы", "Итого", "Total"),
    "total.count": ("Барлығы: {count}", "Итого: {count}", "Total: {count}"),
    "subtotal.counted": ("Индикаторға кіретіні", "Входит в индикатор", "Counted for the indicator"),
    "subtotal.not_counted": ("Индикаторға кірмейтіні", "Не входит в индикатор", "Not counted"),
    "yes": ("иә", "да", "yes"),
    "no": ("жоқ", "нет", "no"),
    "nothing": ("Жазба жоқ.", "Записей нет.", "There are no entries."),
    "status.active": ("қолданыста", "действует", "active"),
    "status.suspended": ("тоқтатыла тұрған", "приостановлен", "suspended"),
    "status.suspended_since": (
        "тоқтатыла тұрған, {day} бастап",
        f"приостановлен с{NBSP}{{day}}",
        "suspended since {day}",
    ),
    "status.excluded": ("тізілімнен шығарылған", "исключен из реестра", "excluded"),
    "status.upcoming": ("басталмаған", "не наступил", "not yet begun"),
    "document.of": (
        f"№{NBSP}{{number}}, {{day}}",
        f"№{NBSP}{{number}} от{NBSP}{{day}}",
        f"No.{NBSP}{{number}} of{NBSP}{{day}}",
    ),
    "document.number": (f"№{NBSP}{{number}}", f"№{NBSP}{{number}}", f"No.{NBSP}{{number}}"),
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
    "part.by_resident": ("Қатысушылар бойынша", "По участникам", "By participant"),
    "part.contracts_by_kind": ("Шарттардың түрлері бойынша", "По видам договоров", "By kind of contract"),
    "col.kind": ("Түрі", "Вид", "Kind"),
    "annex.territories": (
        "Нысаналы индикаторлардың аумақтар бойынша нақты мәндері",
        "Фактические значения целевых индикаторов по территориям",
        "Actual values of the target indicators by territory",
    ),
    "col.country": ("Ел", "Страна", "Country"),
    "annex.patents": (
        "6-индикаторға есептелген өнертабысқа патенттер",
        "Патенты на изобретения, учтенные в индикаторе 6",
        "Patents for inventions counted for indicator 6",
    ),
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
    "label.rules": ("Тізілімді жүргізу негізі", "Основание ведения реестра", "Rules the register is kept by"),
    "note.territories": ("Аумақтардың белгілері: {list}.", "Обозначения территорий: {list}.", "Territories: {list}."),
    "note.cells": (
        "Тік жақшадағы кодты тізілімге кіру құқығы бар адам құжаттың бетінде енгізіп, қорытынды қосылған жолдарды "
        "ашады; құжаттың түпнұсқалығы ол арқылы емес, беттің төменгі жағындағы тексеру коды бойынша тексеріледі.",
        "По коду в квадратных скобках тот, кто имеет доступ к реестру, открывает на странице документа строки, из "
        "которых сложен итог; подлинность проверяется не по нему, а по коду проверки внизу страницы.",
        "By the code in square brackets whoever has access to the registry opens, on the paper's page there, the lines "
        "behind a total; the paper itself is checked by the verification code at the foot of the page.",
    ),
    "note.masked": (
        "Жеке тұлғалардың ЖСН-і дербес деректерді қорғау үшін ішінара жасырылған.",
        "ИИН физических лиц частично скрыты в целях защиты персональных данных.",
        "IINs of natural persons are masked in part to protect personal data.",
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
    "note.rent": (
        "Жалдау төлемдері сомалардың қорытындысына кірмейді: олар пайдаланудың әр кезеңі үшін төленеді, ал өзге "
        "сомалар – бір рет.",
        "Арендная плата в итоги сумм не входит: она уплачивается за каждый период пользования, а прочие суммы – один "
        "раз.",
        "Rents are not in the totals of amounts: they are due for every period of use, the other amounts once.",
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
    "col.excluded_on": ("Шығарылған күні", "Дата исключения", "Date of exclusion"),
    "staff.research_specialists": ("Ғылыми-зерттеуші мамандар", "Специалисты-исследователи", "Research specialists"),
    "staff.experimental_production_staff": (
        "Эксперименталды өндірістік зауыттардың қызметкерлері",
        "Работники экспериментально-производственных заводов",
        "Staff of experimental production plants",
    ),
    "staff.total_staff": ("Қызметкерлердің жалпы саны", "Общая численность работников", "Total staff"),
    "staff.with_degree": ("Олардың ғылыми дәрежесі барлары", "Из них с ученой степенью", "Of them with a degree"),
    "staff.under_40": ("Олардың 40 жасқа толмағандары", "Из них моложе 40 лет", "Of them under 40"),
    "staff.women": ("Олардың әйелдері", "Из них женщины", "Of them women"),
    "staff.engineers": (
        "Олардың инженерлері мен конструкторлары",
        "Из них инженеры и конструкторы",
        "Of them engineers and designers",
    ),
    "staff.foreign": ("Олардың шетелдіктері", "Из них иностранцы", "Of them foreigners"),
    "col.trl": ("TRL, қазір", "УГТ на дату", "TRL now"),
    "col.premises": ("Үй-жай", "Помещение", "Premises"),
    "xlsx.about": ("Құжат туралы", "О документе", "About"),
    "col.about": ("Не туралы", "О чем", "About"),
    "note.journal": (
        "Уақыт Алматы бойынша. Дербес деректерді қорғау үшін мәндер көрсетілмейді, тек өзгерген өрістер аталған; "
        "пайдаланушылар тіркелгі нөмірімен берілген.",
        "Время алматинское. Для защиты персональных данных значения не приводятся, названы только измененные поля; "
        "пользователи указаны номерами учетных записей.",
        "Times are those of Almaty. To protect personal data no values are given, only the fields changed; users are "
        "given by the numbers of their accounts.",
    ),
    "note.journal_hash": (
        "Әр жазбаның хеші оның барлық мазмұнын және алдыңғы жазбаның хешін қамтиды.",
        "Хеш каждой записи охватывает все ее содержание и хеш предыдущей записи.",
        "The hash of each entry covers its whole content and the hash of the entry before.",
    ),
    "source.journal": (
        "«Тізілім» жүйесінің өзгерістер журналы",
        "журнал изменений системы «Тізілім»",
        "change log of the Tizilim system",
    ),
    "field.resident_id": ("Қатысушы", "Участник", "Participant"),
    "field.text": ("Жазбаның мәтіні", "Текст заметки", "Text of the note"),
    "field.register_no": ("Тізілімдегі нөмір", "Номер в реестре", "Register number"),
    "field.bin": ("БСН / ЖСН", "БИН / ИИН", "BIN / IIN"),
    "field.name_kk": ("Қазақ тіліндегі атауы", "Наименование на казахском языке", "Name in Kazakh"),
    "field.name_ru": ("Орыс тіліндегі атауы", "Наименование на русском языке", "Name in Russian"),
    "field.name_en": ("Ағылшын тіліндегі атауы", "Наименование на английском языке", "Name in English"),
    "field.legal_form": ("Ұйымдық-құқықтық нысан", "Организационно-правовая форма", "Legal form"),
    "field.participant_type": ("Қатысушы түрі", "Тип участника", "Type of participant"),
    "field.registered_on": ("Тіркелген күні", "Дата регистрации", "Date of registration"),
    "field.decision_no": ("Шешімнің нөмірі", "Номер решения", "Decision number"),
    "field.decision_date": ("Шешімнің күні", "Дата решения", "Date of the decision"),
    "field.oked": (
        "Экономикалық қызмет түрінің коды (ЭҚЖЖ)",
        "Код вида экономической деятельности (ОКЭД)",
        "Economic activity code (OKED)",
    ),
    "field.krp": ("Кәсіпорын мөлшері (КРП)", "Размерность предприятия (КРП)", "Enterprise size (KRP)"),
    "field.kbe": ("Бенефициар коды (КБе)", "Код бенефициара (КБе)", "Beneficiary code (KBE)"),
    "field.kato": ("ӘАОЖ коды", "Код КАТО", "KATO code"),
    "field.address_kk": ("Қазақ тіліндегі мекенжайы", "Адрес на казахском языке", "Address in Kazakh"),
    "field.address_ru": ("Орыс тіліндегі мекенжайы", "Адрес на русском языке", "Address in Russian"),
    "field.head": ("Бірінші басшы", "Первый руководитель", "Chief executive"),
    "field.email": ("Электрондық пошта", "Электронная почта", "E-mail"),
    "field.phone": ("Телефон", "Телефон", "Telephone"),
    "field.priority_direction": ("Басым бағыт", "Приоритетное направление", "Priority direction"),
    "field.trl": (
        "Технологиялық әзірлік деңгейі (TRL)",
        "Уровень готовности технологии (УГТ)",
        "Technology readiness level (TRL)",
    ),
    "field.accreditation_no": (
        "Аккредиттеу туралы куәлік нөмірі",
        "Номер свидетельства об аккредитации",
        "Accreditation certificate number",
    ),
    "field.accreditation_until": (
        "Аккредиттеудің қолданылу мерзімі",
        "Аккредитация действительна до",
        "Accreditation valid until",
    ),
    "field.experimental_production": (
        "Эксперименталды өндірістік зауыт",
        "Экспериментально-производственный завод",
        "Experimental production plant",
    ),
    "field.change": ("Мәртебе өзгерісі", "Изменение статуса", "Change of status"),
    "field.effective_on": ("Қолданыла бастайтын күні", "Действует с", "Effective from"),
    "field.ground": ("Негіз", "Основание", "Ground"),
    "field.kind": ("Түрі", "Вид", "Kind"),
    "field.number": ("Нөмірі", "Номер", "Number"),
    "field.signed_on": ("Қол қойылған күні", "Дата подписания", "Date of signing"),
    "field.starts_on": ("Басталуы", "Начало", "Start"),
    "field.ends_on": ("Аяқталуы", "Окончание", "End"),
    "field.amount": ("Сомасы, теңге", "Сумма, тенге", "Amount, tenge"),
    "field.subject_kk": ("Қазақ тіліндегі мәні", "Предмет на казахском языке", "Subject in Kazakh"),
    "field.subject_ru": ("Орыс тіліндегі мәні", "Предмет на русском языке", "Subject in Russian"),
    "field.premises": ("Үй-жай", "Помещение", "Premises"),
    "field.area_m2": ("Алаңы, м²", "Площадь, м²", "Area, m²"),
    "field.terminated_on": ("Бұзылған күні", "Дата расторжения", "Terminated on"),
    "field.termination_ground": ("Бұзу негізі", "Основание расторжения", "Ground of termination"),
    "field.office": ("Патенттік ведомство", "Патентное ведомство", "Patent office"),
    "field.title_no": ("Қорғау құжатының нөмірі", "№ охранного документа", "Number of title of protection"),
    "field.application_no": ("Өтінімнің нөмірі", "Номер заявки", "Application number"),
    "field.filed_on": ("Өтінім берілген күн", "Дата подачи заявки", "Filing date"),
    "field.published_on": ("Жарияланған күні", "Дата публикации", "Publication date"),
    "field.bulletin": ("Бюллетень нөмірі", "Номер бюллетеня", "Bulletin number"),
    "field.ipc": (
        "Халықаралық патенттік сыныптама",
        "Международная патентная классификация (МПК)",
        "International Patent Classification (IPC)",
    ),
    "field.holders": ("Патент иеленушілер", "Патентообладатели", "Patent holders"),
    "field.authors": ("Авторлар", "Авторы", "Inventors"),
    "field.effect_from": (
        "Құқық қолданыла бастайтын күн",
        "Дата начала действия права",
        "Date from which the right has effect",
    ),
    "field.priority_no": ("Басымдық нөмірі", "Номер приоритета", "Priority number"),
    "field.priority_date": ("Басымдық күні", "Дата приоритета", "Priority date"),
    "field.priority_country": ("Басымдық елі", "Страна приоритета", "Priority country"),
    "field.representative": ("Өкіл", "Представитель", "Representative"),
    "field.event": ("Оқиға", "Событие", "Event"),
    "field.event_on": ("Оқиға күні", "Дата события", "Date of the event"),
    "field.document_no": ("Құжат нөмірі", "Номер документа", "Document number"),
    "field.year": ("Жыл", "Год", "Year"),
    "field.quarter": ("Тоқсан", "Квартал", "Quarter"),
    "field.opens_on": ("Ашылады", "Открывается", "Opens"),
    "field.due_on": ("Тапсыру мерзімі", "Срок сдачи", "Due"),
    "field.locks_on": ("Жабылады", "Закрывается", "Locks"),
    "field.status": ("Мәртебе", "Статус", "Status"),
    "field.version": ("Нұсқа", "Версия", "Version"),
    "field.lines": ("Есеп жолдары", "Строки отчета", "Lines of the report"),
    "field.correction_reason": ("Түзету себебі", "Причина исправления", "Reason for the correction"),
    "field.explanation": ("Түсіндірме", "Пояснение", "Explanation"),
    "field.decision_note": ("Шешімге ескертпе", "Примечание к решению", "Note on the decision"),
    "field.none_revenue": ("Бұл кезеңде түсім болған жоқ", "В этом периоде выручки нет", "No revenue this period"),
    "field.none_tax": (
        "Бұл кезеңде салық төленген жоқ",
        "В этом периоде налоги не уплачивались",
        "No taxes paid this period",
    ),
    "field.none_investment": (
        "Бұл кезеңде инвестиция болған жоқ",
        "В этом периоде инвестиций нет",
        "No investment this period",
    ),
    "field.source": ("Дереккөз", "Источник", "Source"),
    "field.edition": ("Басылым", "Издание", "Edition"),
    "field.indicator": ("Индикатор", "Индикатор", "Indicator"),
    "field.value": ("Мәні", "Значение", "Value"),
    "field.act_no": ("Актінің нөмірі", "Номер акта", "Number of the act"),
    "field.act_date": ("Актінің күні", "Дата акта", "Date of the act"),
    "field.login": ("Логин", "Логин", "Login"),
    "field.name": ("Тегі, аты, әкесінің аты", "Фамилия, имя, отчество", "Full name"),
    "field.role": ("Рөл", "Роль", "Role"),
    "field.company_bin": ("Компанияның БСН-і", "БИН компании", "BIN of the company"),
    "field.for_account_in_use": (
        "Пайдаланылып жүрген тіркелгіге сілтеме",
        "Ссылка на используемую учетную запись",
        "Link to an account in use",
    ),
    "field.from_on": ("Бастапқы күні", "Начальная дата", "From"),
    "field.to_on": ("Қай күнге дейін, сол күнді қоса", "По, включительно", "To, that day included"),
    "field.mailed": (
        "Сілтеме тіркелген мекенжайға жіберілді",
        "Ссылка отправлена на зарегистрированный адрес",
        "Link mailed to the address on record",
    ),
    "field.forgotten": (
        "Құпиясөз ұмытылғандықтан сұралды",
        "Запрошена, так как пароль забыт",
        "Asked for because the password was forgotten",
    ),
    "field.territory_codes": ("Аумақтар", "Территории", "Territories"),
    "field.language": ("Тіл", "Язык", "Language"),
    "field.active": ("Белсенді", "Активен", "Active"),
    "field.annulled": ("Күші жойылған", "Аннулировано", "Annulled"),
    "field.same_as": ("Мына жазбамен бірдей", "То же, что", "The same as"),
    "field.erased": ("Жойылған мәндер", "Удаленные значения", "Erased values"),
    "field.sha256": ("SHA-256", "SHA-256", "SHA-256"),
    "field.file_name": ("Файл", "Файл", "File"),
    "field.size": ("Көлемі, байт", "Размер, байт", "Size, bytes"),
    "field.staff_only": ("Тек қызметкерлерге", "Только для сотрудников", "For staff only"),
    "field.of_entry": ("Жазба әрекетіне", "К действию записи", "To the act of entry"),
    "field.withdrawn": ("Кері алынды", "Отозван", "Withdrawn"),
    "field.data_hash": ("Деректер хеші", "Хеш данных", "Hash of the data"),
    "field.request": ("Сұрау", "Запрос", "Request"),
    "field.replaced_by": ("Орнына берілген құжат", "Чем заменен", "Replaced by"),
    "field.revoked_on": ("Күші жойылған күні", "Дата отзыва", "Revoked on"),
    "field.replaced_on": ("Ауыстырылған күні", "Дата замены", "Replaced on"),
    "field.participant_word": ("Мүшелердің атауы", "Как называются члены", "Word for the members"),
    "field.company_name_kk": (
        "Басқарушы компания, қазақ тіліндегі атауы",
        "Управляющая компания, наименование на казахском языке",
        "Management company, name in Kazakh",
    ),
    "field.company_name_ru": (
        "Басқарушы компания, орыс тіліндегі атауы",
        "Управляющая компания, наименование на русском языке",
        "Management company, name in Russian",
    ),
    "field.company_name_en": (
        "Басқарушы компания, ағылшын тіліндегі атауы",
        "Управляющая компания, наименование на английском языке",
        "Management company, name in English",
    ),
    "field.company_address_kk": (
        "Басқарушы компания, қазақ тіліндегі мекенжайы",
        "Управляющая компания, адрес на казахском языке",
        "Management company, address in Kazakh",
    ),
    "field.company_address_ru": (
        "Басқарушы компания, орыс тіліндегі мекенжайы",
        "Управляющая компания, адрес на русском языке",
        "Management company, address in Russian",
    ),
    "field.company_place_kk": (
        "Құжаттар жасалатын орын, қазақ тілінде",
        "Место составления документов, на казахском языке",
        "Place where papers are made, in Kazakh",
    ),
    "field.company_place_ru": (
        "Құжаттар жасалатын орын, орыс тілінде",
        "Место составления документов, на русском языке",
        "Place where papers are made, in Russian",
    ),
    "field.company_place_en": (
        "Құжаттар жасалатын орын, ағылшын тілінде",
        "Место составления документов, на английском языке",
        "Place where papers are made, in English",
    ),
    "field.company_iban": ("Банк шоты (ЖСК)", "Банковский счет (ИИК)", "Bank account (IBAN)"),
    "field.company_kbe": ("Бенефициар коды (КБе)", "Код бенефициара (КБе)", "Beneficiary code (KBE)"),
    "field.company_head": (
        "Басқарушы компанияның басшысы",
        "Руководитель управляющей компании",
        "Head of the management company",
    ),
    "field.company_head_position_kk": (
        "Басшының лауазымы, қазақ тілінде",
        "Должность руководителя, на казахском языке",
        "Position of the head, in Kazakh",
    ),
    "field.company_head_position_ru": (
        "Басшының лауазымы, орыс тілінде",
        "Должность руководителя, на русском языке",
        "Position of the head, in Russian",
    ),
    "field.company_accountant": ("Бас бухгалтер", "Главный бухгалтер", "Chief accountant"),
    "field.company_phone": ("Телефон", "Телефон", "Telephone"),
    "field.status_act_no": (
        "Аумақ мәртебесі туралы акт, нөмірі",
        "Акт о статусе территории, номер",
        "Act on the territory's status, number",
    ),
    "field.status_act_date": (
        "Аумақ мәртебесі туралы акт, күні",
        "Акт о статусе территории, дата",
        "Act on the territory's status, date",
    ),
    "field.rules_title_kk": (
        "Тізілім қағидалары, қазақ тіліндегі атауы",
        "Правила реестра, название на казахском языке",
        "Rules of the register, title in Kazakh",
    ),
    "field.rules_title_ru": (
        "Тізілім қағидалары, орыс тіліндегі атауы",
        "Правила реестра, название на русском языке",
        "Rules of the register, title in Russian",
    ),
    "field.rules_no": ("Тізілім қағидалары, нөмірі", "Правила реестра, номер", "Rules of the register, number"),
    "field.dictionary": ("Анықтамалық", "Справочник", "Dictionary"),
    "field.code": ("Коды", "Код", "Code"),
    "field.valid_from": ("Қолданыла бастайтын күні", "Действует с", "Valid from"),
    "field.valid_to": ("Соңғы қолданылу күні", "Действует по", "Valid to"),
    "field.counts": ("Индикаторға есептеледі", "Учитывается в индикаторе", "Counts for the indicator"),
    "field.attributes": ("Қосымша белгілер", "Дополнительные отметки", "Further marks"),
    "field.extra": ("Қосымша бағандар", "Дополнительные столбцы", "Further columns"),
    "field.is_closed": ("Жабық", "Закрыт", "Closed"),
    "field.rules_date": ("Тізілім қағидалары, күні", "Правила реестра, дата", "Rules of the register, date"),
}
"""Phrases that several kinds print; those of one kind stand in its module."""

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


def say(words: Words, key: str, language: str, **values: object) -> str:
    """A phrase in a paper's language, with ``values`` in the places that its braces name.

    :raises KeyError: for a phrase that does not exist.
    """
    text = words[key][_POSITIONS[language]]
    return text.format(**values) if values else text


def as_of(day: date, language: str) -> str:
    """The state of a register on a day: ``2026 жылғы 30 қыркүйек күнгі жағдай бойынша``."""
    month = day.month - 1
    if language == "kk":
        return f"{day.year}{NBSP}жылғы {day.day}{NBSP}{_MONTH_NAMES[language][month]} күнгі жағдай бойынша"
    if language == "ru":
        return f"по состоянию на {day.day}{NBSP}{_MONTHS_OF[month]}{NBSP}{day.year}{NBSP}года"
    return f"as of {day.day}{NBSP}{_MONTHS[month]}{NBSP}{day.year}"


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
