"""The pages that look over everything, under `/desk/`."""

from gongqing.insight.web import dashboards, figures, processing, reports, supervision, trace

urlpatterns = [
    *dashboards.urlpatterns,
    *figures.urlpatterns,
    *supervision.urlpatterns,
    *trace.urlpatterns,
    *processing.urlpatterns,
    *reports.urlpatterns,
]
