"""The formats of one item. A format that fails is listed as missing; the item stays delivered."""

from temporalio import activity

from adapters.exporter import Exporter
from schema.messages.pictures import ExportedItem, ExportItem


class ExportActivities:
    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter

    @activity.defn
    async def export_item(self, call: ExportItem) -> ExportedItem:
        exported = await self._exporter.make(call)
        return ExportedItem(made=tuple(exported.rows), missing=tuple(exported.failed))
