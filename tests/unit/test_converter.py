from workflows.codec import Converter


def test_what_one_converter_has_learned_of_types_all_know() -> None:
    """The SDK makes one for each activity, and building what reads a type costs more than reading."""
    first, second = Converter(), Converter()
    assert first.converters.keys() == second.converters.keys()
    assert all(second.converters[kind] is one for kind, one in first.converters.items())
