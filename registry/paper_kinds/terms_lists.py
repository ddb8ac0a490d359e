"""Words of working lists, in kk, ru and en (see :mod:`registry.paper_kinds.terms`)."""

from __future__ import annotations

LISTS: dict[str, tuple[str, str, str]] = {
    "type.debtors": ("ТІЗБЕ", "ПЕРЕЧЕНЬ", "LIST"),
    "type.fees": ("КҮНТІЗБЕ", "КАЛЕНДАРЬ", "CALENDAR"),
    "type.premises": ("ТІЗБЕ", "ПЕРЕЧЕНЬ", "LIST"),
    "type.journal": ("ҮЗІНДІ КӨШІРМЕ", "ВЫПИСКА", "EXTRACT"),
    "type.corrections": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "type.comparison": ("АНЫҚТАМА", "СПРАВКА", "STATEMENT"),
    "title.debtors": (
        "Есептілікті ұсынбаған қатысушылар",
        "Участники, не представившие отчетность",
        "Participants with overdue reports",
    ),
    "title.fees": (
        "Патенттерді күшінде ұстау төлемдерінің күнтізбесі",
        "Календарь платежей за поддержание патентов в силе",
        "Calendar of patent maintenance payments",
    ),
    "title.premises": (
        "Үй-жайлар және олардың пайдаланылуы",
        "Помещения и их занятость",
        "Premises and their occupancy",
    ),
    "title.journal": (
        "Өзгерістер журналынан үзінді көшірме",
        "Выписка из журнала изменений",
        "Extract from the change log",
    ),
    "title.corrections": (
        "Түзетулер мен ерекше жағдайлар тізілімі",
        "Реестр исправлений и особых случаев",
        "Register of corrections and exceptions",
    ),
    "title.comparison": (
        "Қатысушылар тізілімін екі күн бойынша салыстыру",
        "Сравнение реестра участников на две даты",
        "Comparison of the register of participants on two dates",
    ),
    "xlsx.about": ("Құжат туралы", "О документе", "About"),
    # Patent fees.
    "col.pay_by": ("Төлеу мерзімі", "Срок уплаты", "Payment due"),
    "col.year_of_protection": ("Қорғау жылы", "Год охраны", "Year of protection"),
    "col.expires_on": ("Мерзімнің ең соңғы күні", "Предельный срок действия", "Latest end of term"),
    "note.fees": (
        "Төлем күні – өтінім берілген күннің жыл сайынғы қайталануы; патенттің берілгені жарияланғаннан кейінгі екі ай "
        "ішінде төленетін алғашқы төлем оған дейінгі жылдарды қамтиды. Тарифтер тізілімде жүргізілмейді.",
        "Дата платежа – годовщина подачи заявки; первый платеж, вносимый в течение двух месяцев после публикации о "
        "выдаче, покрывает предшествующие годы. Тарифы в реестре не ведутся.",
        "A payment falls due on the anniversary of filing; the first one, due within two months of the publication of "
        "the grant, covers the years before it. The register keeps no tariffs.",
    ),
    "note.fees_after": (
        "Төленген-төленбегені тізілімде белгіленбейді: күнтізбе келесі төлем мерзімдерін ғана көрсетеді.",
        "Отметки об оплате в реестре не ведутся: календарь показывает только сроки платежей.",
        "The register does not record payments: the calendar shows due dates only.",
    ),
    # Debtors and premises.
    "note.debtors": (
        "Осы күнге дейін мерзімі өткен және сол күні тапсырылмаған немесе пысықтауға қайтарылып, қайта тапсырылмаған "
        "тоқсандық есептер көрсетілген. Мәртебені тоқтата тұру есеп беру міндетін тоқтатпайды.",
        "Показаны квартальные отчеты, срок которых до этой даты истек и которые на эту дату не сданы либо возвращены "
        "на доработку и не сданы вновь. Приостановление статуса не освобождает от отчетности.",
        "Listed are quarterly reports due before the day that on the day were not sent, or were returned for revision "
        "and not sent again. Suspension of status does not end the duty to report.",
    ),
    "note.debtors_imported": (
        "Файлмен енгізілген қабылданған есептердің тапсырылған күні белгісіз, олар тапсырылған деп саналады.",
        "Дата сдачи принятых отчетов, внесенных файлом, неизвестна; они считаются сданными.",
        "The day of sending of accepted reports brought in by a file is unknown; they count as sent.",
    ),
    "note.premises": (
        "Көрсетілген күні қолданыстағы, үй-жайы немесе алаңы көрсетілген шарттар. Бос үй-жайлар тізілімде "
        "жүргізілмейді.",
        "Договоры, действующие на указанную дату, в которых названы помещение или площадь. Свободные помещения в "
        "реестре не ведутся.",
        "Contracts in force on the day that name premises or an area. The register keeps no vacant premises.",
    ),
    # The journal.
    "part.chain": ("Хештер тізбегі", "Цепочка хешей", "Chain of hashes"),
    "part.acts": ("Журнал жазбалары", "Записи журнала", "Entries of the log"),
    "journal.first": ("Кезеңнің бірінші күні", "Первый день периода", "First day of the period"),
    "journal.last": ("Кезеңнің соңғы күні", "Последний день периода", "Last day of the period"),
    "journal.before": (
        "Бірінші жазбаның алдындағы хеш, SHA-256",
        "Хеш перед первой записью, SHA-256",
        "Hash before the first entry, SHA-256",
    ),
    "journal.after": (
        "Соңғы жазбаның хеші, SHA-256",
        "Хеш последней записи, SHA-256",
        "Hash of the last entry, SHA-256",
    ),
    "journal.program": ("бағдарлама", "программа", "program"),
    "journal.corrects": ("№ {number} жазбаны түзетеді", "исправляет запись № {number}", "corrects entry No. {number}"),
    "journal.annuls": (
        "№ {number} жазбаның күшін жояды",
        "аннулирует запись № {number}",
        "annuls entry No. {number}",
    ),
    "journal.version": (
        "қабылданған есептің түзетілген нұсқасы",
        "исправленная версия принятого отчета",
        "corrected version of an accepted report",
    ),
    "journal.explained": ("түсіндірмемен қабылданды", "принят с пояснением", "accepted with an explanation"),
    "journal.more": ("және тағы {n}", "и еще {n}", "and {n} more"),
    "basis.decision": ("шешім", "решение", "decision"),
    "basis.letter": ("хат", "письмо", "letter"),
    "basis.contract": ("шарт", "договор", "contract"),
    "basis.addendum": ("қосымша келісім", "дополнительное соглашение", "supplementary agreement"),
    "basis.termination": ("шартты бұзу", "расторжение договора", "termination"),
    "basis.import": ("файлдан енгізу", "загрузка из файла", "import of a file"),
    "col.sequence": ("Жазба №", "№ записи", "Entry No."),
    "col.recorded": ("Жазылған уақыты", "Время записи", "Recorded"),
    "col.act": ("Әрекет", "Действие", "Act"),
    "col.about": ("Не туралы", "О чем", "About"),
    "col.effective": ("Күшіне енген күні", "Дата вступления в силу", "Effective date"),
    "col.basis": ("Негіз, себеп", "Основание, причина", "Basis, reason"),
    "col.account": ("Тіркелгі №", "№ учетной записи", "Account No."),
    "col.hash": ("Хеш, SHA-256", "Хеш, SHA-256", "Hash, SHA-256"),
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
    "note.corrections": (
        "Кезеңде жазылған мыналар енгізілген: жазбаларды түзету және күшін жою, қабылданған есептердің түзетілген "
        "нұсқалары, түсіндірмемен қабылданған есептер, дербес деректерді жою, құжаттарды ауыстыру, күшін жою және "
        "бекітпеу.",
        "Включены записанные за период: исправления и аннулирования записей, исправленные версии принятых отчетов, "
        "отчеты, принятые с пояснением, удаление персональных данных, замена, отзыв и неутверждение документов.",
        "Listed is what was recorded in the period: corrections and annulments of entries, corrected versions of "
        "accepted reports, reports accepted with an explanation, erasure of personal data, and papers replaced, "
        "revoked or not approved.",
    ),
    # Two dates compared.
    "comparison.days": (
        "Салыстырылатын күндер: {since} және {day}",
        "Сравниваемые даты: {since} и {day}",
        "Dates compared: {since} and {day}",
    ),
    "comparison.before": ("Қатысушылар саны, {day}", "Количество участников, {day}", "Participants, {day}"),
    "comparison.after": ("Қатысушылар саны, {day}", "Количество участников, {day}", "Participants, {day}"),
    "comparison.added": ("Қосылғандар", "Добавлены", "Added"),
    "comparison.removed": ("Шығарылғандар", "Выбыли", "Removed"),
    "comparison.changed": ("Деректері өзгергендер", "Изменены", "Changed"),
    "col.field": ("Өзгерген дерек", "Что изменено", "What changed"),
    "col.before": ("Бұрынғы мәні", "Было", "Before"),
    "col.after": ("Жаңа мәні", "Стало", "After"),
    "note.comparison": (
        "Екі күнгі қатысушылар салыстырылған; байланыс деректері салыстырылмайды.",
        "Сравнены участники на две даты; контактные данные не сравниваются.",
        "The participants on the two dates are compared; contacts are not.",
    ),
    "source.journal": (
        "«Тізілім» жүйесінің өзгерістер журналы",
        "журнал изменений системы «Тізілім»",
        "change log of the Tizilim system",
    ),
}
