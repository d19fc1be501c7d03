"""Reading a model and its data."""

from ..errors import InputError


def read(model_path, data_path):
    """Model and dataset from two files.

    Raises
    ------
    FileError, MissingDependencyError
        If a file cannot be read.
    InputError
        If the arrays make no model or dataset, or the two do not fit; the message gives both dimensions.
    """
    from ..files import load_dataset, load_model

    model, data = load_model(model_path), load_dataset(data_path)
    if model.dim != data.dim:
        raise InputError(f"the model in {model_path} takes points of dimension {model.dim}, but those in {data_path} have dimension {data.dim}")
    return model, data
