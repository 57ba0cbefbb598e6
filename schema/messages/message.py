"""What crosses Temporal: inputs, outputs and query answers of workflows and activities.

Object keys, never pixels; every new field needs a default, since old histories are read with it.
Imports no table, so that the workflow sandbox loads no SQLAlchemy.
"""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
