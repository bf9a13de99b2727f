"""What does Prometheus count of the stream? Added up with the counts of the web processes (`config.metrics`)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SCREENS = Gauge("gongqing_live_screens", "Screens that are connected.", multiprocess_mode="mostrecent", registry=None)
LISTENING = Gauge(
    "gongqing_live_listening", "1 while the database is listened to.", multiprocess_mode="mostrecent", registry=None
)
PICTURES = Counter("gongqing_live_pictures", "Pictures sent to screens.", registry=None)
COUNTED = Counter("gongqing_live_counts", "Times that a view was counted.", registry=None)
SECONDS = Counter("gongqing_live_count_seconds", "Time spent counting.", registry=None)
DROPPED = Counter("gongqing_live_dropped", "Screens cut off because they took nothing.", registry=None)
REFUSED = Counter("gongqing_live_refused", "Screens refused because there were too many.", registry=None)
