"""Does every answer carry the content security policy of the settings?"""

from django.conf import settings
from django.http import HttpResponse

from gongqing.config.policy import PolicyMiddleware


def policy_of(answer: HttpResponse, rf) -> dict[str, str]:
    said = PolicyMiddleware(lambda request: answer)(rf.get("/"))["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in said.split(";"))


def test_a_common_answer_has_every_directive(rf):
    wanted = {name: " ".join(each) for name, each in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()}
    assert policy_of(HttpResponse(), rf) == wanted


def test_an_answer_that_adds_a_source_has_it_too_and_the_next_has_not(rf):
    wall = HttpResponse()
    wall._csp_update = {"connect-src": ["https://live.example"]}
    assert policy_of(wall, rf)["connect-src"] == "'self' https://live.example"
    assert policy_of(HttpResponse(), rf)["connect-src"] == "'self'"


def test_an_answer_with_a_policy_of_its_own_keeps_it(rf):
    answer = HttpResponse()
    answer["Content-Security-Policy"] = "default-src 'none'"
    assert policy_of(answer, rf) == {"default-src": "'none'"}
