"""What the walk of the administration expects of each table."""

from django.apps import apps

ROOMS = ("crm", "staff", "clients", "visits", "pipeline", "compliance")
MODELS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
LABELS = [model._meta.label_lower for model in MODELS]
PHONE = "+8613812345678"
PAPER = "11010519491231002X"
ACCOUNT = "880012349876"

# Tables of clients: another branch sees none of them.
OF_CLIENTS = {
    *("clients.client", "clients.phone", "clients.identity", "clients.riskassessment"),
    *("clients.assignment", "clients.segmentchange", "clients.clientevent"),
    *("clients.document", "clients.handoveritem"),
    *("clients.clientmerge", "clients.notduplicate", "clients.importedclient"),
    *("clients.clientimport", "clients.clientexport"),
    *("clients.household", "clients.membership", "clients.contactperson", "clients.contactphone"),
    *("clients.consent", "clients.consentevent", "clients.clienttag", "clients.bulkchangeitem"),
    *("clients.fundaccount", "clients.fundaccountevent", "clients.monthlyfigure"),
    *("clients.derivedprofile", "clients.figureimport", "clients.figuredifference"),
    *("clients.assignmentevent", "crm.accesslog", "visits.visit", "visits.callback"),
    *("visits.callbackchange", "visits.reminder", "visits.callbackevent", "visits.occasion"),
    *("visits.phraseflag", "visits.visitdraft", "visits.suggestionreply"),
    *("compliance.returnvisit", "compliance.returnvisitstep", "compliance.exceptioncase"),
    *("compliance.casestep", "compliance.yearendclient"),
    *("pipeline.opportunity", "pipeline.stagemove", "pipeline.opportunityevent"),
    "pipeline.assessment",
    *("pipeline.captureentry", "pipeline.retentionhold"),
    *("pipeline.rankingscore", "pipeline.rankingoverride"),
    *("pipeline.invitation", "pipeline.lead", "pipeline.leadevent", "pipeline.thanks"),
}
# Tables of people: another branch sees none of this branch's.
OF_PEOPLE = {
    *("crm.job", "crm.jobfile", "crm.savedview", "clients.bulkchange"),
    *("clients.handover", "staff.absence", "staff.absenceevent"),
    *("staff.branch", "staff.employee", "staff.employeeevent", "staff.posting"),
    *("staff.notification", "visits.digest", "visits.endpoint", "visits.quiethours"),
    *("visits.calendarfeed", "compliance.returnvisitor"),
    *("pipeline.capturelink", "pipeline.purgedstatistic", "pipeline.rankingweights"),
    *("pipeline.channelentry", "pipeline.campaign"),
}
# Rows that services alone write.
READ_ONLY = {
    *("crm.job", "crm.jobfile", "crm.savedview", "clients.bulkchange"),
    *("clients.handover", "staff.absence", "staff.absenceevent", "visits.triggerevent"),
    *OF_CLIENTS,
    *("crm.heartbeat", "staff.posting", "staff.notification", "staff.employeeevent"),
    *("staff.policyevent", "clients.segmentrule", "clients.segmentevent"),
    *("clients.segmentruleevent", "visits.callbackplanevent", "visits.digest"),
    "visits.calendarfeed",
    *("visits.planningrun", "visits.reminderrun", "visits.scriptstep"),
    *("visits.endpoint", "visits.quiethours", "staff.outage"),
    *("compliance.returnvisitor", "compliance.yearend"),
    *("pipeline.capturelink", "pipeline.purgedstatistic", "pipeline.purgerun"),
    *("pipeline.rankingrate", "pipeline.rankingmodel", "pipeline.rankingweights"),
    *("pipeline.campaign", "pipeline.channelentry"),
}
