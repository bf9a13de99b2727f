"""Shared needs (共性需求) under `/api/v1/needs`: list, read, and take them to their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from django.http import HttpRequest
from ninja import Router
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gongqing.appeals.rules.intake import tidy_text
from gongqing.lib.times import local
from gongqing.voices import actions
from gongqing.voices.models import SharedNeed
from gongqing.voices.queries import needs as queries
from gongqing.voices.queries.needs import NeedCard

if TYPE_CHECKING:
    from gongqing.accounts.middleware import ScopedRequest

LARGEST = 2**63 - 1
States = Literal["proposed", "taken_up", "answered", "done", "fed_back", "dismissed", "merged"]
Routes = Literal["activity", "motion", "department"]
NeedNumber = Annotated[int, Field(ge=1, le=LARGEST, description="共性需求的编号。 The need's number.")]
Said = Annotated[str, Field(max_length=500), AfterValidator(tidy_text)]
Line = Annotated[str, Field(max_length=128), AfterValidator(tidy_text)]

router = Router(tags=["needs 共性需求"])


class NeedFault(BaseModel):
    field: str
    message: str


class NeedRefusal(BaseModel):
    errors: list[NeedFault]


REFUSALS: dict[int, Any] = dict.fromkeys((401, 403, 404, 409, 422, 429), NeedRefusal)


class NeedSummary(BaseModel):
    """一项共性需求 · A shared need; nobody is named."""

    id: int
    title: str
    state: States
    organisation: str = Field(description="所属工会。 The union it belongs to.")
    category: str = Field(description="小类代码，不明的为空。 A category code; empty when unknown.")
    people: int = Field(description="说过的职工人数。 How many workers said it.")
    voices: int = Field(description="诉求件数。 How many appeals.")
    week: int = Field(description="最近 7 天的人数。 People within seven days.")
    usual: float = Field(description="平常一周的件数。 What a usual week brings.")
    words: list[str] = Field(description="常说的词。 Typical words.")
    route: Routes = Field(description="怎么办：办活动、提请代表委员、转部门；未采纳时是建议。")
    found_at: datetime
    last_at: datetime
    merged_into: int | None = Field(description="已并入的，那一项的编号。 The need that it was merged into.")

    @classmethod
    def of(cls, need: SharedNeed, **more: Any) -> Self:
        """One need as the API shows it."""
        return cls(
            id=need.pk,
            title=need.title,
            state=cast("Any", str(need.state)),
            organisation=str(need.organisation),
            category=need.category.code if need.category else "",
            people=need.person_count,
            voices=need.voice_count,
            week=need.week_count,
            usual=need.usual,
            words=list(need.words),
            route=cast("Any", need.route or need.suggested_route),
            found_at=local(need.found_at),
            last_at=local(need.last_at),
            merged_into=need.merged_into_id,
            **more,
        )


class NeedPlace(BaseModel):
    name: str
    people: int | None = Field(description="不足 3 人的不写人数，为 null。 Null where too few to count.")


class NeedStep(BaseModel):
    at: datetime
    what: str
    who: str
    note: str


class NeedAnswer(NeedSummary):
    """一项共性需求的全部 · A shared need with its track."""

    partner: str
    plan: str
    answer: str
    answered_by: str
    result: str
    done_on: date | None
    feedback: str
    places: list[NeedPlace]
    codes: list[str] = Field(description="背后的诉求，只列密钥账号能看的。 The appeals in the key's view.")
    hidden: int = Field(description="不在范围内的件数。 Appeals beyond it.")
    untold: int = Field(description="还没有告诉结果的人数。 People who have not been told the end.")
    history: list[NeedStep]

    @classmethod
    def of_card(cls, card: NeedCard) -> Self:
        """A need with everything that its reader may see."""
        need = card.need
        return cls.of(
            need,
            **{
                name: getattr(need, name)
                for name in ("partner", "plan", "answer", "answered_by", "result", "done_on", "feedback")
            },
            places=[NeedPlace(name=each.name, people=each.people) for each in card.places],
            codes=[line.appeal.code for line in card.voices],
            hidden=card.hidden,
            untold=card.untold,
            history=[
                NeedStep(at=local(each.at), what=each.what, who=each.who, note=each.note) for each in card.history
            ],
        )


class NeedList(BaseModel):
    items: list[NeedSummary]


class TakeUpBody(BaseModel):
    """采纳 · Take up."""

    title: Line = Field(description="叫什么，不写人名。 Its name; no person's.")
    route: Routes
    partner: Line = Field(default="", description="请谁一起办；自己办活动的可不填。 With whom.")
    plan: Said = Field(description="下一步谁做什么。 What comes next.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "园区夜班公交",
                    "route": "motion",
                    "partner": "区人大代表联络站",
                    "plan": "下周一到园区调研夜班人数。",
                }
            ]
        }
    )


class AnswerBody(BaseModel):
    """登记答复 · What was answered."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answered_by": "区公交公司", "answer": "十二月起加开两班夜班车。"}]}
    )

    answered_by: Line = Field(description="谁答复的。 Who answered.")
    answer: Said


class FinishBody(BaseModel):
    """登记办成 · What was done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "夜班车已加开，末班延到二十三点。"}]})

    result: Said = Field(description="办成了什么。 What was done for all of them.")
    done_on: date | None = Field(default=None, description="办成的日子，不填是今天。 Today when left out.")


class FeedBackBody(BaseModel):
    """告诉每位职工 · What everybody is told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "您反映的夜班公交已加开两班，末班二十三点。"}]})

    words: Annotated[str, Field(max_length=200), AfterValidator(tidy_text)] = Field(
        description="告诉职工的话，每人一次。 Each person is told once."
    )


@router.get(
    "/needs",
    response={200: NeedList, **REFUSALS},
    summary="共性需求 · Shared needs",
    operation_id="list_needs",
)
def list_needs(request: HttpRequest, state: States | Literal[""] = "") -> Any:
    """密钥账号看得到的，待研判的在前，最多 200 项。 Those in view, to be judged first."""
    return NeedList(items=[NeedSummary.of(each) for each in queries.needs_in_view(_scoped(request).actor, state)])


@router.get(
    "/needs/{need_id}",
    response={200: NeedAnswer, **REFUSALS},
    summary="查看共性需求 · Read a shared need",
    operation_id="read_need",
)
def read_need(request: HttpRequest, need_id: NeedNumber) -> Any:
    """人数、地点、办到哪一步和经过；不含姓名和电话。 Without names and numbers."""
    return _shown(request, need_id)


def _step(path: str, summary: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return router.post(
        f"/needs/{{need_id}}/{path}",
        response={200: NeedAnswer, **REFUSALS},
        summary=summary,
        operation_id=f"{path.replace('-', '_')}_need",
    )


@_step("take-up", "采纳 · Take up")
def take_up(request: HttpRequest, need_id: NeedNumber, body: TakeUpBody) -> Any:
    """由所属工会和上级工会的派单督办岗位采纳。 By the supervisors of its union and of those above."""
    return _done(request, need_id, actions.take_up_need, body)


@_step("answer", "登记答复 · Answer")
def answer(request: HttpRequest, need_id: NeedNumber, body: AnswerBody) -> Any:
    """代表委员、部门或工会自己答复了什么。 What was answered, and by whom."""
    return _done(request, need_id, actions.answer_need, body)


@_step("finish", "登记办成 · Done")
def finish(request: HttpRequest, need_id: NeedNumber, body: FinishBody) -> Any:
    """为大家办成了什么，从哪天起。 What was done, since when."""
    return _done(request, need_id, actions.finish_need, body)


@_step("feed-back", "告诉每位职工 · Feed back")
def feed_back(request: HttpRequest, need_id: NeedNumber, body: FeedBackBody) -> Any:
    """办成后把结果告诉每位说过的职工，每人一次。 Tells every worker in it once."""
    return _done(request, need_id, actions.feed_back_need, body)


def _done(request: HttpRequest, need_id: int, action: Callable[..., object], body: BaseModel) -> NeedAnswer:
    given = _scoped(request)
    action(need_id=need_id, by=given.actor, at=given.at, **body.model_dump())
    return _shown(request, need_id)


def _shown(request: HttpRequest, need_id: int) -> NeedAnswer:
    given = _scoped(request)
    return NeedAnswer.of_card(queries.need_card(need_id, given.actor, given.at))


def _scoped(request: HttpRequest) -> ScopedRequest:
    return cast("ScopedRequest", request)
