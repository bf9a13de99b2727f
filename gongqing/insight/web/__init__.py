"""The pages that look over everything, under `/desk/`."""

from gongqing.insight.web import figures

urlpatterns = [*figures.urlpatterns]
