"""Scripts introduce whoever calls by firm, post and certificate; nobody is "your account manager"."""

from typing import Any

from django.db import migrations
from django.utils import timezone

# The prompts that shipped, Chinese and English, and what stands in their place.
PROMPTS = {
    (
        "{greeting}！我是您的客户经理{manager}，想占用您两分钟做个回访，现在方便吗？",
        "{greeting}! This is {manager}, your account manager, with a short call of two minutes. Is this a good time?",
    ): (
        "{greeting}！我是{introduction}，想占用您两分钟做个回访，现在方便吗？",
        "{greeting}! This is {introduction}, with a short call of two minutes. Is this a good time?",
    ),
    (
        "我是证券公司的客户经理{manager}，上次您问到的资料我整理好了。",
        "I am {manager}, account manager of the securities firm. The material you asked about is ready.",
    ): (
        "我是{introduction}，上次您问到的资料我整理好了。",
        "I am {introduction}. The material you asked about is ready.",
    ),
    (
        "{greeting}，我是公司客户回访专员{manager}，按规定做回访，通话会留痕。",
        "{greeting}. I am {manager} of the firm's return-visit desk. This visit is required by the rules and kept on record.",
    ): (
        "{greeting}，我是{introduction}，按规定做回访，通话会留痕。",
        "{greeting}. I am {introduction}. This visit is required by the rules and kept on record.",
    ),
}


def introduce(apps: Any, schema_editor: Any) -> None:
    """Change wordings in force; one that a visit has used ends, and the next version begins."""
    version_model = apps.get_model("visits", "ScriptVersion")
    step_model = apps.get_model("visits", "ScriptStep")
    visit_model = apps.get_model("visits", "Visit")
    old = {zh for zh, _en in PROMPTS}
    changed = version_model.objects.filter(valid_to=None, steps__prompt_zh__in=old).distinct()
    for version in changed:
        if visit_model.objects.filter(script_version=version).exists():
            version = _next(version_model, step_model, version)
        for step in version.steps.all():
            given = (step.prompt_zh, step.prompt_en)
            if given in PROMPTS:
                step.prompt_zh, step.prompt_en = PROMPTS[given]
                step.save(update_fields=["prompt_zh", "prompt_en"])


def _next(version_model: Any, step_model: Any, version: Any) -> Any:
    day = timezone.localdate()
    newest = version_model.objects.filter(script=version.script_id).order_by("-number")[0]
    version_model.objects.filter(pk=version.pk).update(valid_to=day)
    steps = list(version.steps.all())
    made = version_model.objects.create(
        script_id=version.script_id, number=newest.number + 1, valid_from=day
    )
    for step in steps:
        step.pk, step.version = None, made
    step_model.objects.bulk_create(steps)
    return made


class Migration(migrations.Migration):
    dependencies = [("visits", "0006_callbackchange_asked")]
    operations = [migrations.RunPython(introduce, migrations.RunPython.noop)]
