"""Every setting of the service: one frozen model, built at the edge and passed down.

No other module reads the environment.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from schema import payload_keys
from schema.kinds import ColourScale, PictureCheck

DEVELOPMENT_SECRET = "development-only-secret-change-me-please"  # noqa: S105 - refused in production, see below
MIN_SECRET_LENGTH = 32
APP_ID = "pose-generator"
API_PREFIX = f"/api/apps/{APP_ID}"


def _r2(*names: str, default: Any = None) -> Any:
    """The names of an R2 account work in place of ours."""
    return Field(default, validation_alias=AliasChoices(*(name.lower() for name in names)))


class LogSettings(BaseSettings):
    """What also programs of ours follow that need no other setting."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True
    )

    log_format: Literal["text", "json"] = Field("text", description="json: one object a line, for programs")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Settings(LogSettings):
    environment: Literal["development", "production"] = "development"

    metrics_token: SecretStr | None = Field(
        None, description="a bearer token that /metrics then asks for; without one it is open"
    )
    worker_metrics_address: Annotated[str, Field(pattern=r"^.+:\d{1,5}$")] | None = Field(
        None, description="HOST:PORT where a worker shows its metrics; not at all without it"
    )

    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="base URL of a collector for traces (OTLP over HTTP); needs posegen[otel]"
    )
    otel_sample_ratio: float = Field(1, ge=0, le=1, description="of the traces that begin here")

    database_url: SecretStr = SecretStr("postgresql://posegen:posegen@127.0.0.1:5432/posegen")
    database_pool_size: int = Field(20, ge=1, le=200)

    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_api_key: SecretStr | None = None
    temporal_tls: bool = False
    temporal_tls_client_cert_path: Path | None = None
    temporal_tls_client_key_path: Path | None = None
    temporal_ui_url: str = "http://127.0.0.1:8233"
    payload_keys: SecretStr | None = Field(
        None,
        description="id:base64,id2:base64: the first seals what Temporal keeps, all open it; docs/privacy.md",
    )
    codec_secret: SecretStr | None = Field(
        None,
        min_length=MIN_SECRET_LENGTH,
        description="the part of the codec server's address that stands for a sign-in",
    )
    worker_versioning: bool = Field(
        default=False, description="old runs end on old code or move on; docs/changing-workflows.md"
    )
    worker_build_id: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="names the workers' version; without it a hash of the code does",
    )

    jwt_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    jwt_jwks_url: str | None = None
    jwt_audience: str | None = None
    jwt_issuer: str | None = None

    flux_provider: Literal["fal", "huggingface", "comfyui"] = Field(
        "fal", description="who makes the pictures; see docs/providers.md"
    )
    flux_concurrency: int = Field(24, ge=1, le=500, description="provider calls at once in one worker")
    flux_max_per_second: float = Field(50, gt=0, description="provider calls started a second, all workers")
    flux_call_timeout_s: float = Field(180, gt=0, description="total deadline of one provider call")
    flux_item_deadline_s: float = Field(1800, gt=0, description="total deadline of one item, waits included")
    flux_max_failures: int = Field(5, ge=1, description="provider failures an item survives")
    flux_width: int = Field(1024, ge=256, le=2048, multiple_of=16)
    flux_height: int = Field(1024, ge=256, le=2048, multiple_of=16)
    fal_key: SecretStr | None = None
    fal_queue_url: str = "https://queue.fal.run"
    fal_model: str = "fal-ai/flux-general"
    fal_controlnet_path: str = "Shakker-Labs/FLUX.1-dev-ControlNet-Union-Pro-2.0"
    fal_controlnet_union: bool = Field(default=False, description="the net takes a control mode (Union)")
    fal_allowed_hosts: tuple[str, ...] = Field(
        ("fal.run", "fal.ai", "fal.media"), description="domains that returned URLs may point to"
    )
    fal_matting_model: str = Field("fal-ai/birefnet", description="cuts figures out, for MATTING=provider")
    fal_check_model: str = Field(
        "fal-ai/imageutils/nsfw", description="looks at pictures, for PICTURE_CHECK=provider"
    )
    huggingface_api_key: SecretStr | None = None
    huggingface_route: Literal["fal-ai-queue", "fal-ai", "hf-inference"] = Field(
        "fal-ai-queue", description="the service behind the router; only the queue lets requests be resumed"
    )
    huggingface_url: str = Field("https://router.huggingface.co", description="the router")
    huggingface_hub_url: str = Field(
        "https://huggingface.co", description="asked whether the model is served"
    )
    huggingface_model: str = "black-forest-labs/FLUX.1-dev"
    huggingface_fal_model: str = Field("fal-ai/flux/dev", description="the same model in fal's words")
    huggingface_bill_to: str | None = Field(None, description="the organisation that pays")
    comfyui_url: str = "http://127.0.0.1:8188"
    comfyui_api_key: SecretStr | None = Field(
        None, description="sent as a bearer token, for a proxy in front of it"
    )
    comfyui_allow_http: bool = Field(
        default=False, description="plain http also to another machine, on a network you trust"
    )
    comfyui_graph: Path | None = Field(None, description="a graph of your own in API format")
    controlnet_scale: float = Field(0.9, ge=0, le=2)
    controlnet_end: float = Field(0.65, gt=0, le=1)
    reference_strength: float = Field(0.65, ge=0, le=1, description="how much the avatar's picture counts")

    matting: Literal["auto", "embedded", "provider", "model"] = Field(
        "auto",
        description="who cuts figures out: the model file if there is one, else the provider if it can and"
        " is no simulator, else the embedded way",
    )
    matting_model: Path | None = Field(None, description="a U2-Net as ONNX; needs posegen[models]")

    picture_check: PictureCheck = Field(
        PictureCheck.OFF, description="who looks at pictures before they are delivered; docs/picture-check.md"
    )
    picture_check_threshold: float = Field(
        0.8, gt=0, le=1, description="pictures that are improper with this probability are withheld"
    )
    picture_check_model: Path | None = Field(
        None, description="a classifier as ONNX, for PICTURE_CHECK=model; needs posegen[models]"
    )
    picture_check_classes: Annotated[tuple[int, ...], NoDecode] = Field(
        (1,), description="which of its classes are improper, with commas, from 0"
    )
    picture_check_scale: ColourScale = Field(
        ColourScale.CENTRED, description="how it wants its colours: -1 to 1, 0 to 1, or less a mean"
    )

    pose_parallelism: int = Field(8, ge=1, le=50, description="items of one generation at once")

    zip_downloads: int = Field(8, ge=1, description="ZIP downloads at once in one API process")
    zip_downloads_per_user: int = Field(2, ge=1, description="of these, for one user")

    storage_mode: Literal["local", "s3", "r2"] = "local"
    storage_local_path: Path = Path(".posegen/files")
    s3_endpoint: str | None = _r2("S3_ENDPOINT", "CLOUDFLARE_R2_ENDPOINT")
    s3_bucket: str = _r2("S3_BUCKET", "CLOUDFLARE_R2_BUCKET_NAME", default="posegen")
    s3_access_key: SecretStr | None = _r2("S3_ACCESS_KEY", "CLOUDFLARE_R2_ACCESS_KEY_ID")
    s3_secret_key: SecretStr | None = _r2("S3_SECRET_KEY", "CLOUDFLARE_R2_SECRET_ACCESS_KEY")
    s3_region: str = "auto"
    cloudflare_r2_public_url: str | None = None
    public_base_url: str = "http://127.0.0.1:8000"
    cors_origin: str | None = None
    url_ttl: int = Field(3600, ge=60, le=7 * 24 * 3600, description="seconds a file URL stays valid")

    signup_credits: int = Field(0, ge=0, description="granted to a user at first sight")
    rate_limit_items_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="pictures a user may order, over all API processes"
    )
    rate_limit_requests_per_minute: int = Field(
        600, ge=0, le=1_000_000, description="requests of one address to one API process; 0: no limit"
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (), description="addresses or networks, with commas, whose X-Forwarded-For is believed"
    )
    streams_per_user: int = Field(20, ge=1, description="event streams at once in one API process")
    streams_per_process: int = Field(4000, ge=1, description="event streams at once of all users")

    @property
    def secrets(self) -> list[str]:
        """Values that no log may hold, and the keys among them that come with their names before them."""
        held = [getattr(self, name) for name in type(self).model_fields]
        values = [value.get_secret_value() for value in held if isinstance(value, SecretStr)]
        return values + [part.partition(":")[2] for value in values for part in value.split(",")]

    @property
    def api_url(self) -> str:
        return self.public_base_url.rstrip("/") + API_PREFIX

    @property
    def allow_loopback(self) -> bool:
        """Users may point to this very machine: only where a developer tries things out."""
        return self.environment == "development"

    @field_validator("trusted_proxies", "picture_check_classes", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return (
            [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given
        )

    @field_validator("payload_keys")
    @classmethod
    def _are_keys(cls, given: SecretStr | None) -> SecretStr | None:
        payload_keys.parse(given.get_secret_value() if given else "")
        return given

    @model_validator(mode="after")
    def _refuse_weak_secret(self) -> Self:
        secret = self.jwt_secret.get_secret_value()
        if self.environment == "production" and (
            secret == DEVELOPMENT_SECRET or len(secret) < MIN_SECRET_LENGTH
        ):
            raise ValueError(
                f"JWT_SECRET must be set to at least {MIN_SECRET_LENGTH} random characters in production"
            )
        return self
