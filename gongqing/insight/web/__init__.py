"""The pages that look over everything, under `/desk/`."""

from gongqing.insight.web import figures, processing, reports, supervision, trace

urlpatterns = [
    *figures.urlpatterns,
    *supervision.urlpatterns,
    *trace.urlpatterns,
    *processing.urlpatterns,
    *reports.urlpatterns,
]
