"""What are the rows of a table of figures called?"""

from __future__ import annotations

from gongqing.appeals.models import Category

CLASSES = "LE DP SC CD OT"
UNSORTED = "未分类"


def class_names() -> dict[str, str]:
    """The five classes in the order of the taxonomy, and the row of what has no category yet."""
    return {**{known: known for known in dict.fromkeys(classes_by_code().values())}, "": UNSORTED}


def classes_by_code() -> dict[str, str]:
    """Code → name of its class, in the order of the taxonomy; a code keeps its class in every version."""
    known = dict(Category.objects.values_list("code", "class_name"))
    return {code: known[code] for code in sorted(known, key=lambda code: (CLASSES.find(code[:2]), code))}


def category_names() -> dict[str, str]:
    """Code → name of the categories in the order of the taxonomy, and the row of what has none yet."""
    known = dict(Category.objects.order_by("version").values_list("code", "name"))
    return {**{code: known[code] for code in classes_by_code()}, "": UNSORTED}
