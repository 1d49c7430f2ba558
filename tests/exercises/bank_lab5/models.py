"""5.2: the network up to a layer."""

import numpy as np


def extractor(model, layer_name):
    import keras

    return keras.Model(inputs=model.inputs, outputs=model.get_layer(layer_name).output)


def extractor_by_loop(model, layer_name):
    import keras

    for layer in model.layers:
        if layer.name == layer_name:
            return keras.Model(model.layers[0].output, layer.output)
    raise ValueError(layer_name)


def extractor_by_slice(model, layer_name):
    """Works for a chain of layers, as the lab's network is one."""
    import keras

    end = [layer.name for layer in model.layers].index(layer_name) + 1
    return keras.Sequential(model.layers[:end])


def extractor_applied(model, layer_name):
    """One layer after the other, on a new input."""
    import keras

    output = new = keras.Input(model.input_shape[1:])
    for layer in model.layers[1:]:
        output = layer(output)
        if layer.name == layer_name:
            break
    return keras.Model(new, output)


def extractor_copied(model, layer_name):
    import keras

    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    return extractor(twin, layer_name)


def extractor_subclassed(model, layer_name):
    import keras

    class Extractor(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.Model(model.input, model.get_layer(layer_name).output)

        def call(self, images):
            return self.inner(images)

    return Extractor()


def position(model, layer_name):
    return [layer.name for layer in model.layers].index(layer_name)


def moved(by):
    """A model that ends some layers later or earlier."""

    def ends(model, layer_name):
        import keras

        return keras.Model(model.input, model.layers[position(model, layer_name) + by].output)

    return ends


def loop_too_short(model, layer_name):
    """Of the first layer, nothing but the input is left."""
    import keras

    new = keras.Sequential()
    for layer in model.layers:
        if layer.name == layer_name:
            break
        new.add(layer)
    return new


def without_its_layers(model, layer_name):
    """Computes the right thing, but none of the network's weights belong to it."""
    import keras

    inner = [extractor(model, layer_name)]
    new = keras.Input(model.input_shape[1:])
    return keras.Model(new, keras.layers.Lambda(lambda images: inner[0](images))(new))


def slice_too_short(model, layer_name):
    import keras

    layers = model.layers[: position(model, layer_name)]
    return keras.Sequential(layers) if len(layers) > 1 else extractor_at_input(model, layer_name)


def extractor_at_input(model, layer_name):
    import keras

    return keras.Model(model.input, model.get_layer(layer_name).input)


def fresh_layer(model, layer_name):
    import keras

    layer = model.get_layer(layer_name)
    new = keras.layers.Conv2D(layer.filters, layer.kernel_size, activation="relu")
    return keras.Model(model.input, new(layer.input))


def clone_without_weights(model, layer_name):
    import keras

    return extractor(keras.models.clone_model(model), layer_name)


def rebuilt_from_config(model, layer_name):
    import keras

    return extractor(keras.Model.from_config(model.get_config()), layer_name)


def weights_the_wrong_way_round(model, layer_name):
    import keras

    twin = keras.models.clone_model(model)
    model.set_weights(twin.get_weights())
    return extractor(twin, layer_name)


def last_convolution(model, layer_name):
    import keras

    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    return keras.Model(model.input, layers[-1].output)


def first_convolution(model, layer_name):
    import keras

    return keras.Model(model.input, model.layers[1].output)


def layer_alone(model, layer_name):
    import keras

    layer = model.get_layer(layer_name)
    return keras.Model(layer.input, layer.output)


def only_the_layer(model, layer_name):
    """Begins at the layer itself, unless that is the first."""
    import keras

    layer = model.get_layer(layer_name)
    return keras.Sequential([keras.Input(layer.input.shape[1:]), layer])


def all_outputs(model, layer_name):
    import keras

    return keras.Model(model.input, [layer.output for layer in model.layers[1:]])


def computes(model, layer_name):
    return extractor(model, layer_name)([np.zeros((1, *model.input_shape[1:]))])


def named(name):
    def ends(model, layer_name):
        import keras

        return keras.Model(model.input, model.get_layer(name).output)

    return ends


def negative(model, layer_name):
    import keras

    return keras.Model(model.input, -model.get_layer(layer_name).output)


RIGHT = {
    "5.2": [
        extractor,
        extractor_by_loop,
        extractor_by_slice,
        extractor_applied,
        extractor_copied,
        extractor_subclassed,
    ]
}

WRONG = {
    "5.2": [
        (lambda model, layer_name: model, "whole_model"),
        (moved(1), "one_late"),
        (moved(-1), "one_early"),
        (slice_too_short, "one_early"),
        (loop_too_short, "one_early"),
        (extractor_at_input, "one_early"),
        (fresh_layer, "fresh_weights"),
        (clone_without_weights, "fresh_weights"),
        (rebuilt_from_config, "fresh_weights"),
        (without_its_layers, "fresh_weights"),
        (weights_the_wrong_way_round, "changes_original"),
        (last_convolution, "other_layer"),
        (first_convolution, "other_layer"),
        (negative, "other"),
        (layer_alone, "misfit"),
        (only_the_layer, "misfit"),
        (all_outputs, "misfit"),
        (computes, "misfit"),
        (lambda model, layer_name: computes(model, layer_name).numpy(), "misfit"),
        (lambda model, layer_name: model.get_layer(layer_name), "misfit"),
        (lambda model, layer_name: model.get_layer(layer_name).output, "misfit"),
        (lambda model, layer_name: lambda images: extractor(model, layer_name)(images), "misfit"),
        (lambda model, layer_name: layer_name, "misfit"),
        (named("conv2d_5"), "raised"),
        (lambda model: extractor(model, "conv2d_5"), "raised"),
        (lambda model, layer_name: model.layers[layer_name], "raised"),
        (lambda model, layer_name: None, "misfit"),
        ("conv2d_5", "misfit"),
    ]
}

STUBS = {}
