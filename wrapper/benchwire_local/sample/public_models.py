"""The sample models of the public API, named as sample data: none of them exists."""

from __future__ import annotations

from typing import NamedTuple

from benchwire_local.data.public_tables import ModelRow


class SampleModel(NamedTuple):
    """A model, its skill (0 to 1) and its mean time per answer in milliseconds."""

    row: ModelRow
    skill: float
    speed_ms: int


_SMALL = ("Small", "size-sm")
_MEDIUM = ("Medium", "size-md")
_LARGE = ("Large", "size-lg")
_EXTRA_LARGE = ("Extra Large", "size-xl")


def _model(  # noqa: PLR0917 - a table row, read by its columns below
    number: int,
    name: str,
    company: str,
    region: str,
    architecture: str,
    size: tuple[str, str],
    billions: float | None,
    license_name: str,
    context: int,
    released: int,
    prices: tuple[str, str],
    skill: float,
    speed_ms: int,
    *,
    deprecated: bool = False,
    modality: str = "text",
) -> SampleModel:
    is_open = license_name != "Proprietary"
    size_name, size_category = size
    slug = name.lower().replace(" ", "-").replace(".", "-")
    row = ModelRow(
        id=f"699f9761e014f9c3072b05{number:02d}",
        key=f"sample/{slug}",
        name=f"{name} (sample data)",
        description=f"Sample data. An invented model of {size_name.lower()} size.",
        company=company,
        released_at=released,
        created_at=released + 86_400 * (number % 5 * 30 + 1),
        parameters=None if billions is None else billions * 1e9,
        modality=modality,
        context_length=context,
        architecture_type=architecture,
        license=license_name,
        open_weights=is_open,
        region=region,
        size=size_name,
        categories=(
            architecture,
            "open-source" if is_open else "closed-source",
            region,
            size_category,
        ),
        key_takeaways=(
            f"Invented for exploring; answers in about {speed_ms} ms.",
            "Open weights." if is_open else "Weights are not open.",
        ),
        deprecated=deprecated,
        cost_per_input_token=prices[0],
        cost_per_output_token=prices[1],
    )
    return SampleModel(row, skill, speed_ms)


# fmt: off
MODELS = (
    _model(13, "Sample Aurora 70B", "Aurora Labs", "usa", "transformer", _LARGE, 70, "Apache-2.0",
           131_072, 1_740_000_000, ("0.0000006", "0.0000018"), 0.86, 900),
    _model(12, "Sample Aurora 8B", "Aurora Labs", "usa", "transformer", _SMALL, 8, "Apache-2.0",
           131_072, 1_738_000_000, ("0.0000001", "0.0000002"), 0.58, 310),
    _model(14, "GPT-style Sample L", "OpenAI", "usa", "moe", _EXTRA_LARGE, None, "Proprietary",
           400_000, 1_752_000_000, ("0.0000025", "0.00001"), 0.95, 1_450, modality="multimodal"),
    _model(15, "GPT-style Sample S", "OpenAI", "usa", "moe", _MEDIUM, None, "Proprietary",
           200_000, 1_746_000_000, ("0.0000003", "0.0000012"), 0.78, 520),
    _model(16, "Claude-style Sample", "Anthropic", "usa", "transformer", _EXTRA_LARGE, None,
           "Proprietary", 200_000, 1_750_000_000, ("0.000003", "0.000015"), 0.93, 1_300),
    _model(17, "Sample Borealis MoE", "Borealis", "europe", "moe", _LARGE, 141, "MIT",
           65_536, 1_744_000_000, ("0.0000005", "0.0000015"), 0.80, 780),
    _model(18, "Sample Borealis Mini", "Borealis", "europe", "transformer", _SMALL, 3, "MIT",
           32_768, 1_734_000_000, ("0.00000005", "0.0000001"), 0.41, 180),
    _model(19, "Sample Lotus 32B", "Lotus Works", "china", "transformer", _MEDIUM, 32,
           "Apache-2.0", 131_072, 1_748_000_000, ("0.0000002", "0.0000006"), 0.82, 600),
    _model(20, "Sample Lotus 1.5", "Lotus Works", "china", "transformer", _MEDIUM, 14,
           "Lotus Community", 16_384, 1_700_000_000, ("0.0000002", "0.0000004"), 0.49, 450,
           deprecated=True),
    _model(21, "Sample Cirrus Reasoner", "Cirrus AI", "canada", "moe", _EXTRA_LARGE, 480, "MIT",
           262_144, 1_755_000_000, ("0.0000012", "0.0000048"), 0.91, 4_200),
)
# fmt: on
