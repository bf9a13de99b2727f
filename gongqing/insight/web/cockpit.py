"""The cockpit (驾驶舱): the page that hangs on a wall, its numbers once more for when the stream is out of reach, the
cases behind a number, and hanging it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from gongqing.accounts import middleware
from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit.scope import sees_all
from gongqing.insight.actions.screens import hang_screen, take_screen_down
from gongqing.insight.queries import cockpit as queries
from gongqing.insight.queries.wall_cases import cases_counted
from gongqing.insight.rules import cockpit as rules
from gongqing.insight.stream.application import ADDRESS
from gongqing.insight.stream.drawing import parts_of
from gongqing.insight.web.figures import number_of
from gongqing.lib import times
from gongqing.registry.models import Region

SOURCE, PIECES = "轮廓为示意", "格子大小、位置为示意，不是镇街界线"


@staff_page
@require_GET
def cockpit(request: ScopedRequest) -> HttpResponse:
    """The whole wall, as it stands now; scripts keep it up to date."""
    rules.check_can_watch(request.actor)
    area = queries.area_of(request.actor, request.GET.get("area", ""))
    wall = queries.wall(request.actor, request.at, area)
    is_hung = middleware.is_hung(request.session)
    asked = f"?{urlencode({'area': area.code})}" if area is not None else ""
    origin = live_origin(request)
    here = times.local(request.at)
    context = {
        "wall": wall,
        "parts": parts_of(wall, may_open=not is_hung),
        "may_open": not is_hung,
        "is_hung": is_hung,
        "may_leave": area is not None and sees_all(request.actor),
        "live_url": f"{origin}{ADDRESS}{asked}" if origin is not None else "",
        "picture_url": reverse("cockpit-picture") + asked,
        "sign_in_again": f"{middleware.STAFF_DOOR}?{urlencode({'next': request.get_full_path()})}",
        "clock_words": f"{here.year}年{here.month}月{here.day}日　{times.WEEKDAYS[here.weekday()]}　{here:%H:%M}",
        "map_words": map_words(wall.sources, is_tiled=bool(wall.border)) if wall.has_map else "",
        "is_demo": settings.GONGQING.demo != "none",
    }
    answer = render(request, "insight/cockpit.html", context)
    if origin:
        answer._csp_update = {"connect-src": [origin]}  # type: ignore[attr-defined]
    return answer


@staff_page
@require_GET
def picture(request: ScopedRequest) -> JsonResponse:
    """The parts of the page as they stand now, for a screen that the stream does not reach."""
    rules.check_can_watch(request.actor)
    area = queries.area_of(request.actor, request.GET.get("area", ""))
    wall = queries.wall(request.actor, request.at, area)
    parts = parts_of(wall, may_open=not middleware.is_hung(request.session))
    return JsonResponse({"at": request.at.isoformat(), "now": times.now().isoformat(), "parts": parts})


@staff_page
@require_GET
def cases(request: ScopedRequest) -> HttpResponse:
    """The cases that a number of the wall counts, as they may be read in a public room."""
    rules.check_can_watch(request.actor)
    rules.check_may_list(is_hung=middleware.is_hung(request.session))
    number = number_of(request)
    items, count, later = cases_counted(number.question, **number.asked)
    area, address = number.question.area, f"{reverse('cockpit-cases')}?"
    context = number.context | {
        "items": items,
        "count": count,
        "at": request.at,
        "day": times.day_of(request.at),
        "place": str(area) if area is not None else queries.place_of(request.actor),
        "back_url": reverse("cockpit") + (f"?{urlencode({'area': area.code})}" if isinstance(area, Region) else ""),
        "is_later": number.after is not None,
        "first_url": address + urlencode(number.address),
        "later_url": address + urlencode({**number.address, "cursor": later}) if later else "",
        "desk_url": f"{reverse('insight-figure-cases')}?{urlencode(number.address)}",
    }
    return render(request, "insight/wall_cases.html", context)


@staff_page
@require_POST
def hang(request: ScopedRequest) -> HttpResponse:
    """Make this browser a screen on a wall: its session opens the cockpit alone from now on."""
    hang_screen(address=request.address, by=request.actor, at=request.at)
    middleware.hang_session(request, at=request.at)
    return redirect("cockpit")


@staff_page
@require_POST
def take_down(request: ScopedRequest) -> HttpResponse:
    """End the session of this screen."""
    take_screen_down(address=request.address, by=request.actor, at=request.at)
    middleware.end_session(request)
    return redirect(middleware.STAFF_DOOR)


def live_origin(request: ScopedRequest) -> str | None:
    """Where this browser reaches the stream: "" for under the address of the page, None for nowhere.

    Without a proxy it is the live port of the host that the browser used: cookies know no ports, and the content policy
    of this page names it.
    """
    known = settings.GONGQING
    if known.live_url or known.behind_proxy:
        return str(known.live_url)
    if not known.live_port:
        return None
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    written = f"[{host}]" if ":" in host else host
    return f"{request.scheme}://{written}:{known.live_port}"


def map_words(sources: Sequence[str], *, is_tiled: bool) -> str:
    """What stands under the map: its source and its approval number; of pieces, that they are no borders."""
    known = settings.GONGQING
    source = known.map_source or "、".join(sources)
    approval = known.map_approval or "审图号未登记"
    said = (PIECES if is_tiled else "", SOURCE if source else "", source, approval)
    return "，".join(filter(None, said))


urlpatterns = [
    path("cockpit", cockpit, name="cockpit"),
    path("cockpit/picture", picture, name="cockpit-picture"),
    path("cockpit/cases", cases, name="cockpit-cases"),
    path("cockpit/hang", hang, name="cockpit-hang"),
    path("cockpit/take-down", take_down, name="cockpit-take-down"),
]
