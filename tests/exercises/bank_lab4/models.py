"""4.5 and 4.6: a linear twin, and gradient ascent."""

import numpy as np

# --- 4.5 -----------------------------------------------------------------------------------------------------


def clone(model):
    import keras

    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    return twin


def twin_by_clone(model):
    import keras

    twin = clone(model)
    twin.layers[-1].activation = keras.activations.linear
    return twin


def twin_by_layer(model):
    """Shares all layers but the last, which is built anew; the same layer name is no trouble in another model."""
    import keras

    last = model.layers[-1]
    linear = keras.layers.Dense(last.units, name=last.name)
    twin = keras.Model(model.input, linear(last.input))
    linear.set_weights(last.get_weights())
    return twin


def twin_by_config(model):
    import keras

    config = model.get_config()
    config["layers"][-1]["config"]["activation"] = "linear"
    twin = keras.Model.from_config(config)
    twin.set_weights(model.get_weights())
    return twin


def twin_by_arithmetic(model):
    """Computes with the weights of the model itself."""
    import keras

    last = model.layers[-1]
    return keras.Model(model.input, keras.ops.matmul(last.input, last.kernel) + last.bias)


def behind(*functions):
    """A model with something more behind a twin's or the model's own last layer."""

    def twin(model):
        import keras

        copied = clone(model)
        output = copied.output
        for function in functions:
            output = getattr(keras.ops, function)(output)
        return keras.Model(copied.input, output)

    return twin


def with_activation(name):
    def twin(model):
        import keras

        copied = clone(model)
        copied.layers[-1].activation = getattr(keras.activations, name)
        return copied

    return twin


def with_a_name(model):
    twin = clone(model)
    twin.layers[-1].activation = "linear"
    return twin


def changed_itself_by_name(model):
    model.layers[-1].activation = "linear"
    return model


def twin_by_lists(model):
    """Made with a list of one input, as model.inputs is."""
    import keras

    last = model.layers[-1]
    linear = keras.layers.Dense(last.units)
    twin = keras.Model(model.inputs, linear(last.input))
    linear.set_weights(last.get_weights())
    return twin


def changed_itself(model):
    import keras

    model.layers[-1].activation = keras.activations.linear
    return model


def changed_and_copied(model):
    return clone(changed_itself(model))


def twin_of_another(model):
    """As of the notebook's own model, where the argument has another name."""
    import keras

    images = keras.Input((28, 28, 1))
    return keras.Model(images, keras.layers.Dense(10)(keras.layers.Flatten()(images)))


def sharing_the_last_layer(model):
    import keras

    twin = keras.Model(model.input, model.layers[-1](model.layers[-2].output))
    twin.layers[-1].activation = keras.activations.linear
    return twin


def cut_off(model):
    import keras

    return keras.Model(model.input, model.layers[-2].output)


def clone_without_weights(model):
    import keras

    twin = keras.models.clone_model(model)
    twin.layers[-1].activation = keras.activations.linear
    return twin


def fresh_last_layer(model):
    import keras

    return keras.Model(model.input, keras.layers.Dense(model.layers[-1].units)(model.layers[-2].output))


def without_bias(model):
    twin = twin_by_clone(model)
    weights = twin.get_weights()
    twin.set_weights([*weights[:-1], 0 * weights[-1]])
    return twin


def without_a_bias_at_all(model):
    import keras

    linear = keras.layers.Dense(model.layers[-1].units, use_bias=False)
    twin = keras.Model(model.input, linear(model.layers[-2].output))
    linear.set_weights(model.layers[-1].get_weights()[:1])
    return twin


def doubled(model):
    import keras

    twin = twin_by_clone(model)
    return keras.Model(twin.input, 2 * twin.output)


def recompiled_with_zeros(model):
    model.set_weights([0 * weights for weights in model.get_weights()])
    return twin_by_clone(model)


# --- 4.6 -----------------------------------------------------------------------------------------------------


def ascent_by_variable(model, unit, start, steps, rate):
    import tensorflow as tf

    image = tf.Variable(start)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            activation = model(image)[0, unit]
        image.assign(tf.clip_by_value(image + rate * tape.gradient(activation, image), 0.0, 1.0))
    return image


def ascent_in_numpy(model, unit, start, steps, rate):
    import tensorflow as tf

    image = np.array(start, dtype=np.float32)
    for _ in range(steps):
        tensor = tf.constant(image)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            activations = tf.reduce_sum(model(tensor, training=False)[:, unit])
        image = np.clip(image + rate * tape.gradient(activations, tensor).numpy(), 0, 1)
    return image


def ascent_by_optimizer(model, unit, start, steps, rate):
    import keras
    import tensorflow as tf

    image, optimizer = keras.Variable(start), keras.optimizers.SGD(rate)
    optimizer.build([image])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = -model(image.value)[0, unit]
        optimizer.apply([tape.gradient(loss, image.value)])
        image.assign(keras.ops.clip(image, 0, 1))
    return image.numpy()


def and_then(spoil):
    """The solution, after which something is done to the model."""

    def ascent(model, *given):
        image = ascent_by_variable(model, *given)
        spoil(model)
        return image

    return ascent


def zeroed(model):
    model.set_weights([0 * weights for weights in model.get_weights()])


def ascended(
    sign=1, pick=lambda output, unit: output[0, unit], before=None, after=lambda image: np.clip(image, 0, 1),
    end=lambda image: image, more=0, scale=lambda g: g, copy=np.array, rate=None, training=False,
):  # fmt: skip
    """The loop of the solution, in which one thing or another is wrong."""
    given = rate

    def ascent(model, unit, start, steps, rate):
        import tensorflow as tf

        image = copy(start)
        for _ in range(steps + more):
            image = before(image) if before else image
            tensor = tf.constant(image)
            with tf.GradientTape() as tape:
                tape.watch(tensor)
                activation = pick(model(tensor, training=training), unit)
            image += sign * (given or rate) * scale(tape.gradient(activation, tensor).numpy())
            image = after(image) if after else image
        return end(image)

    return ascent


def blind(begin, watch=lambda tape, image: None, look=lambda model, image: model(image)):
    """The loop of the solution with a tape that knows nothing of the image."""

    def ascent(model, unit, start, steps, rate):
        import tensorflow as tf

        image = begin(start)
        for _ in range(steps):
            with tf.GradientTape() as tape:
                watch(tape, image)
                activation = look(model, image)[0, unit]
            image = tf.clip_by_value(image + rate * tape.gradient(activation, image), 0, 1)
        return image

    return ascent


def constant(start):
    import tensorflow as tf

    return tf.constant(start)


def variable(start):
    import tensorflow as tf

    return tf.Variable(start)


def clipped(image):
    return np.clip(image, 0, 1)


def clipped_in_place(image):
    return np.clip(image, 0, 1, out=image)


def each_from_the_start(model, unit, start, steps, rate):
    for _ in range(steps):
        image = ascended()(model, unit, start, 1, rate)
    return image


def with_adam(model, unit, start, steps, rate):
    import keras
    import tensorflow as tf

    image, optimizer = keras.Variable(start), keras.optimizers.Adam(rate)
    optimizer.build([image])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = -model(image.value)[0, unit]
        optimizer.apply([tape.gradient(loss, image.value)])
        image.assign(keras.ops.clip(image, 0, 1))
    return image.numpy()


RIGHT = {
    "4.5": [twin_by_clone, twin_by_layer, twin_by_config, twin_by_arithmetic, twin_by_lists],
    "4.6": [ascent_by_variable, ascent_in_numpy, ascent_by_optimizer, ascended()],
}

WRONG = {
    "4.5": [
        (changed_itself, "changes_original"),
        (changed_and_copied, "changes_original"),
        (sharing_the_last_layer, "changes_original"),
        (recompiled_with_zeros, "changes_original"),
        (cut_off, "cut_off"),
        (clone, "probabilities"),
        (lambda model: model, "probabilities"),
        (behind("log"), "logarithms"),
        (with_activation("log_softmax"), "logarithms"),
        (behind("softmax"), "softmax_twice"),
        (without_bias, "no_bias"),
        (without_a_bias_at_all, "no_bias"),
        (with_activation("relu"), "other_activation"),
        (with_activation("sigmoid"), "other_activation"),
        (clone_without_weights, "fresh_weights"),
        (fresh_last_layer, "fresh_weights"),
        (doubled, "other"),
        (with_a_name, "misfit"),
        (changed_itself_by_name, "misfit"),
        (lambda model: lambda images: model(images), "misfit"),
        (lambda model: model.layers[-1], "misfit"),
        (twin_of_another, "misfit"),
        (lambda model: None, "misfit"),
        (lambda model: model.layers["l5"], "raised"),
        (42, "misfit"),
    ],
    "4.6": [
        (ascended(copy=lambda start: start, after=clipped_in_place), "start_overwritten"),
        (and_then(zeroed), "changes_model"),
        (and_then(lambda model: setattr(model, "trainable", False)), "left_frozen"),
        (ascended(training=True), "training_mode"),
        (ascended(sign=-1), "descent"),
        (ascended(pick=lambda output, unit: sum(output[0]) / 5), "all_units"),
        (ascended(pick=lambda output, unit: output), "all_units"),
        (ascended(pick=lambda output, unit: output[0, 0]), "first_unit"),
        (ascended(after=None), "not_clipped"),
        (ascended(after=None, end=clipped), "clipped_at_the_end"),
        (ascended(before=clipped, after=None), "clipped_before"),
        (ascended(more=-1), "step_count"),
        (ascended(more=1), "step_count"),
        (lambda model, unit, start, steps, rate: ascended()(model, unit, start, 1, rate), "one_step"),
        (each_from_the_start, "one_step"),
        (ascended(scale=lambda g: g / (np.sqrt(np.mean(g**2)) + 1e-8)), "normalised"),
        (ascended(scale=lambda g: g / np.linalg.norm(g)), "normalised"),
        (ascended(scale=lambda g: g / g.std()), "normalised"),
        (ascended(scale=np.sign), "normalised"),
        (ascended(rate=1.0), "rate_ignored"),
        (ascended(end=lambda image: image[0]), "no_batch"),
        (ascended(end=lambda image: image[0, :, :, 0]), "no_batch"),
        (ascended(scale=lambda g: 0 * g), "still"),
        (lambda model, unit, start, steps, rate: start, "still"),
        (with_adam, "adam"),
        (ascended(after=lambda image: np.clip(image, -1, 1)), "other_range"),
        (ascended(after=lambda image: np.clip(image, 0, 0.9)), "other"),
        (ascended(end=lambda image: 1 - image), "other"),
        (blind(np.array), "misfit"),
        (blind(np.array, lambda tape, image: tape.watch(image)), "misfit"),
        (blind(constant), "misfit"),
        (blind(variable), "misfit"),
        (blind(variable, look=lambda model, image: constant(model.predict(image, verbose=0))), "misfit"),
        (ascended(end=lambda image: None), "misfit"),
        (ascended(end=lambda image: "image"), "misfit"),
        (ascended(pick=lambda output, unit: output[0, unit + 9]), "raised"),
        (lambda model, unit: model, "raised"),
        (np.zeros((1, 3, 4, 1)), "misfit"),
    ],
}

STUBS = {}
