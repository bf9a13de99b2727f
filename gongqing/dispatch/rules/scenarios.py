"""What are the six scenarios (六大核心场景) under which every application registers?"""

from __future__ import annotations

SCENARIOS = ("思想引领", "建功立业", "权益维护", "关爱服务", "组织建设", "发展支撑")
