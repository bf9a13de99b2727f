"""How are the controls of forms drawn?

As Django's own templates draw them, to the letter, but without them: a page of a case has forty controls, and their
templates took a quarter of its time. What is not known here is left to Django.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeData, SafeString, mark_safe

_PLACE = "django/forms/widgets/"
_INPUTS = (
    *("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "file"),
    *("color", "search", "tel"),
)


class Renderer(DjangoTemplates):
    """Draws the usual controls by itself."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        """What the template of this name would give."""
        drawn = _DRAWN.get(template_name)
        widget = context.get("widget")
        if drawn is None or widget is None or not _is_known(widget):
            return super().render(template_name, context, request=request)  # type: ignore[return-value]  # it is safe
        return mark_safe(drawn(widget).strip())  # noqa: S308  # every part is escaped below


def _is_known(widget: Mapping[str, Any]) -> bool:
    """Whether everything inside is drawn here too."""
    groups = widget.get("optgroups", ())
    return all(option["template_name"] in _DRAWN for _, options, _ in groups for option in options)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, SafeData) else str(escape(str(value)))


def _shown(value: Any) -> str:
    return str(conditional_escape(localize(value)))


def _attributes(given: Mapping[str, Any]) -> str:
    return "".join(
        f" {_shown(name)}" if value is True else f' {_shown(name)}="{_text(value)}"'
        for name, value in given.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_shown(widget["name"])}"{value}{_attributes(widget["attrs"])}>'


def _textarea(widget: Mapping[str, Any]) -> str:
    value = _shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_shown(widget["name"])}"{_attributes(widget["attrs"])}>\n{value}</textarea>'


def _select(widget: Mapping[str, Any]) -> str:
    parts = [f'<select name="{_shown(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_shown(group)}">')
        parts += [f"\n  {_select_option(option)}" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _select_option(widget: Mapping[str, Any]) -> str:
    attributes = _attributes(widget["attrs"])
    return f'<option value="{_text(widget["value"])}"{attributes}>{_shown(widget["label"])}</option>\n'


def _several(widget: Mapping[str, Any]) -> str:
    attributes = widget["attrs"]
    number = f' id="{_shown(attributes["id"])}"' if attributes.get("id") else ""
    style = f' class="{_shown(attributes["class"])}"' if attributes.get("class") else ""
    parts = [f"<div{number}{style}>"]
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f"\n  <div><label>{_shown(group)}</label>")
        parts += [f"<div>\n    {_labelled(option)}</div>" for option in options]
        if group:
            parts.append("\n  </div>")
    return "".join([*parts, "\n</div>"])


def _labelled(widget: Mapping[str, Any]) -> str:
    if not widget.get("wrap_label"):
        return f"{_input(widget)}\n\n\n"
    number = widget["attrs"].get("id")
    begun = f'<label for="{_shown(number)}">' if number else "<label>"
    return f"{begun}{_input(widget)}\n {_shown(widget['label'])}</label>\n\n"


_DRAWN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **{f"{_PLACE}{name}.html": _input for name in _INPUTS},
    f"{_PLACE}textarea.html": _textarea,
    f"{_PLACE}select.html": _select,
    f"{_PLACE}select_option.html": _select_option,
    **{f"{_PLACE}{name}.html": _several for name in ("radio", "checkbox_select")},
    **{f"{_PLACE}{name}.html": _labelled for name in ("radio_option", "checkbox_option")},
}
