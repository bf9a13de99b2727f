"""What is asked before an official letter is issued?"""

from __future__ import annotations

from gongqing.dispatch.forms.desk import StepForm, line, words
from gongqing.dispatch.rules.letters import LONGEST_ADDRESSEE, LONGEST_REMARK


class LetterForm(StepForm):
    """To whom a letter goes, and what is added to its words."""

    addressee = line("主送", most=LONGEST_ADDRESSEE, required=False, hint="不填就用职工姓名或对方单位。")
    remark = words("补充一段话", required=False, rows=3, most=LONGEST_REMARK, hint="写在正文末尾，可以不填。")
