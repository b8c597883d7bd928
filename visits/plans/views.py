"""Callback plans: how each segment is contacted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from staff.http import StaffRequest
from visits import wording
from visits.models import CallbackPlan
from visits.permissions import changeable, may_change, segments_near
from visits.plans import services
from visits.plans.forms import PlanForm


@require_safe
def plans(request: StaffRequest) -> HttpResponse:
    """Segments with their plan in force."""
    segments = list(segments_near(request.user).order_by("tier", "pk"))
    open_plans = CallbackPlan.objects.filter(segment__in=segments, valid_to=None)
    by_segment = {plan.segment_id: plan for plan in open_plans.select_related("script")}
    mine = set(changeable(segments_near(request.user), request.user).values_list("pk", flat=True))
    rows = []
    for segment in segments:
        plan = by_segment.get(segment.pk)
        cadence = wording.cadence_text(plan.every, plan.unit) if plan else ""
        rows.append((segment, plan, cadence, segment.pk in mine))
    return render(request, "visits/plans/plans.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Change how a segment is contacted, from today."""
    segment = get_object_or_404(segments_near(request.user), pk=pk)
    if not may_change(request.user, segment.branch):
        raise PermissionDenied
    current = CallbackPlan.objects.filter(segment=segment, valid_to=None).first()
    initial = model_to_dict(current) if current else None
    data = request.POST if request.method == "POST" else None
    # A row of its own, so that validation leaves the plan in force alone.
    form = PlanForm(data, segment=segment, initial=initial)
    if data is not None and form.is_valid():
        try:
            services.change_plan(segment=segment, values=form.cleaned_data)
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error(None, sentence)
        else:
            text = _("The plan is in force from today. Callbacks are being planned again.")
            messages.success(request, text)
            return redirect("visits:plans")
    status = 422 if form.errors else 200
    context = {"form": form, "segment": segment, "current": current}
    return render(request, "visits/plans/plan.html", context, status=status)
