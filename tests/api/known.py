"""Ids that exist, so that generated requests get further than 404."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from tests.api.conftest import Api
from tests.fakes.domain import T0, make_operation
from tests.fakes.standing import NFVO, stand
from vnfm.domain.operation import TASKS, OperationState, StepEntry, StepState
from vnfm.services import instances, snapshots, subscriptions


class Known:
    """Hands out what exists in turn with what was generated."""

    def __init__(self, api: Api) -> None:
        self._deps = api.deps
        self._turn = itertools.count()
        self._steps = [StepEntry("deploy_vnfc", "lb-0", 0, StepState.DONE, attempts=1, started=T0, ended=T0)]
        self._known = self._accept(str(uuid.uuid4()), OperationState.PROCESSING)
        self._instances: dict[bool, str] = {}
        self._makers = {
            "vnfInstanceId": self._instance_for,
            "vnfSnapshotInfoId": lambda _path: snapshots.create(self._deps, NFVO, {}).id,
            "vnfLcmOpOccId": self._operation_for,
            "operationId": self._operation_for,
            "subscriptionId": self._subscribe,
        }

    def _accept(self, operation_id: str, state: OperationState) -> str:
        operation = make_operation(
            id=operation_id,
            tenant="a",
            vnf_instance_id=operation_id,
            state=state,
            steps=self._steps,
            warnings=["a warning"],
        )
        self._deps.operations.accept("a", operation)
        return operation_id

    def _operation_for(self, path: str) -> str:
        """One that a task can still be done with, or, for the rest, always the same."""
        task = path.rsplit("/")[-1]
        if task not in TASKS:
            return self._known
        state = OperationState.PROCESSING if task == "cancel" else OperationState.FAILED_TEMP
        return self._accept(str(uuid.uuid4()), state)

    def _instance_for(self, path: str) -> str:
        """One in the state that the task needs, and no operation holds it; made when the last is used up."""
        standing = path.rsplit("/")[-1] not in {"{vnfInstanceId}", "instantiate"}
        known = self._instances.get(standing)
        if known is None or not self._is_free(known):
            known = stand(self._deps, NFVO, "web-tier") if standing else self._create()
        self._instances[standing] = known
        return known

    def _subscribe(self, path: str) -> str:
        """A subscription of the API that ``path`` belongs to; our own API looks at those of any."""
        api, _, rest = path[1:].partition("/subscriptions")
        body = {"callbackUri": f"https://so.example.com/{uuid.uuid4()}"}
        made, _ = subscriptions.create(self._deps, NFVO, api if rest else "vnflcm/v2", body)
        return made.id

    def _create(self) -> str:
        return instances.create(self._deps, NFVO, {"vnfdId": "any"}).id

    def _is_free(self, instance_id: str) -> bool:
        exists = self._deps.instances.get("a", instance_id) is not None
        return exists and self._deps.operations.active_on("a", instance_id) is None

    def mix_in(self, case: Any, base: str) -> None:
        """Let every second request find its resource; ``base`` is where its specification begins."""
        if next(self._turn) % 2:
            return
        for name in case.path_parameters or {}:
            if name in self._makers:
                case.path_parameters[name] = self._makers[name](base + case.operation.path)
