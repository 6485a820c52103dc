"""Write a QKeras or HGQ2 model as QONNX.

usage: keras_to_qonnx.py MODEL.keras OUT.onnx        or        from keras_to_qonnx import to_qonnx

Neither framework has a way to ONNX of its own (qonnx dropped its QKeras converter, HGQ2 never had one). This one reads
graphs of layers: every quantiser of the model becomes a Quant node with the same values, and quantised weights are
stored as the framework itself computes them. What it cannot express exactly it refuses with the name of the layer.

Two things that HGQ2 does by default are not in QONNX, and are written as extensions that Trigc reads: rounding_mode
"RND" (ties up; other evaluators refuse it) and overflow_mode "WRAP" (evaluators that do not know the attribute saturate,
which is the same for data inside the traced ranges).
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QUANT = "qonnx.custom_op.general"
PLAIN = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}


class Unsupported(Exception):
    pass


class Writer:
    def __init__(self):
        self.nodes, self.constants, self.names = [], [], {}
        self.layer = ""

    def refuse(self, what):
        raise Unsupported(f"layer '{self.layer}': {what}")

    def name(self, what):
        count = self.names[what] = self.names.get(what, 0) + 1
        return f"{self.layer}/{what}" + (f"_{count}" if count > 1 else "")

    def constant(self, what, values, dtype=np.float32):
        exact = np.asarray(values)
        array = exact.astype(dtype)
        if not np.array_equal(array, exact):
            self.refuse(f"{what} is not exact in {np.dtype(dtype).name}")
        name = self.name(what)
        self.constants.append(numpy_helper.from_array(np.array(array), name))
        return name

    def add(self, operator, inputs, domain="", **attributes):
        name = self.name(operator)
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def quant(self, x, exponent, width, signed, rounding="ROUND", narrow=False, wrap=False):
        """Multiples of 2^exponent in `width` bits; both may be arrays that broadcast to the tensor."""
        exponent, width = np.asarray(exponent, np.float64), np.asarray(width, np.float64)
        if signed and np.any(width < 2):
            self.refuse("a signed quantiser of one bit")
        inputs = [x, self.constant("scale", 2.0**exponent), self.constant("zero", 0.0), self.constant("bits", width)]
        extra = {"overflow_mode": "WRAP"} if wrap else {}
        return self.add("Quant", inputs, QUANT, signed=int(signed), narrow=int(narrow), rounding_mode=rounding, **extra)

    def weight(self, what, values):
        """A constant of quantised values, with a quantiser that states their common step and width."""
        values = np.asarray(values, np.float64)
        step = coarsest_step(values)
        codes = values / 2.0**step
        width = max(2, int(np.ceil(np.log2(max(codes.max() + 1, -codes.min(), 1)))) + 1)
        if width > 24:
            self.refuse(f"the values of {what} need {width} bits: use a quantiser with alpha=1 or alpha='auto_po2'")
        return self.quant(self.constant(what, values), step, width, True)


def coarsest_step(values):
    """The largest k with every value a multiple of 2^k."""
    nonzero = values[values != 0]
    if nonzero.size == 0:
        return 0
    mantissa, exponent = np.frexp(nonzero)
    whole = (mantissa * 2.0**53).astype(np.int64)
    return int(np.min(exponent - 53 + np.log2((whole & -whole).astype(np.float64)).astype(np.int64)))


# --- QKeras ---------------------------------------------------------------------------------------------------------


def integer_of(value):
    return int(np.asarray(value).reshape(-1)[0])


def qkeras_quantizer(writer, q, x):
    """The quantisers of QKeras for data. They round half to even and saturate."""
    kind = type(q).__name__
    if getattr(q, "use_stochastic_rounding", False):
        writer.refuse(f"{kind} with stochastic rounding")
    alpha = getattr(q, "alpha", None)
    if alpha is not None and (isinstance(alpha, str) or float(np.asarray(alpha)) != 1.0):
        writer.refuse(f"{kind} of data with alpha={alpha!r}: only alpha=1 does not depend on the data")
    if kind == "quantized_bits":
        bits, integer, signed = q.bits, integer_of(q.integer), bool(q.keep_negative)
        if bits - signed == 0:
            writer.refuse("quantized_bits of one bit: use binary()")
        return writer.quant(x, integer - (bits - signed), bits, signed, narrow=bool(q.symmetric) and signed)
    if kind == "quantized_relu":
        if q.negative_slope != 0 or q.use_sigmoid:
            writer.refuse("quantized_relu with negative_slope or use_sigmoid")
        if q.relu_upper_bound is not None and not q.is_quantized_clip:
            writer.refuse("quantized_relu with relu_upper_bound")
        x = writer.add("Relu", [x])
        return writer.quant(x, integer_of(q.integer) - q.bits, q.bits, False)
    if kind == "binary":
        if q.use_01:
            writer.refuse("binary(use_01=True)")
        return writer.add("BipolarQuant", [x, writer.constant("scale", 1.0)], QUANT)
    writer.refuse(f"the quantiser {kind} of data")


# --- HGQ2 -----------------------------------------------------------------------------------------------------------

ROUNDINGS = {
    "RND": "RND",
    "RND_CONV": "ROUND",
    "TRN": "FLOOR",
    "TRN_ZERO": "ROUND_TO_ZERO",
    "RND_INF": "HALF_UP",
    "RND_ZERO": "HALF_DOWN",
}


def hgq_quantizer(writer, quantizer, x, shape):
    """A fixed-point quantiser of HGQ2: keep_negative k, integer bits i and fractional bits f, one or one per element."""
    from keras import ops

    if quantizer.scaler is not None or quantizer.affine is not None:
        writer.refuse("a quantiser with scaler or affine")
    inner = quantizer.quantizer
    if not hasattr(inner, "kif"):
        return writer.refuse(f"the quantiser {type(inner).__name__}") if type(inner).__name__ != "DummyQuantizer" else x
    k, i, f = (np.asarray(ops.convert_to_numpy(part), np.float64) for part in inner.kif)
    k, i, f = np.broadcast_arrays(k, i, f)
    shape = (1, *shape[1:])
    np.broadcast_shapes(k.shape, shape)
    overflow, rounding = inner.overflow_mode, inner.round_mode.removeprefix("S_")
    if overflow not in ("WRAP", "SAT", "SAT_SYM"):
        writer.refuse(f"the overflow mode {overflow}")
    if rounding in ROUNDINGS:
        rounding = ROUNDINGS[rounding]
    else:
        writer.refuse(f"the rounding mode {inner.round_mode}")
    parts = []
    for signed in (True, False):
        # Elements without bits are zero.
        chosen = (k > 0) == signed
        chosen &= k + i + f > 0
        if not chosen.any():
            continue
        width = np.where(chosen, k + i + f, 2)
        part = writer.quant(
            x, uniform(np.where(chosen, -f, 0)), uniform(width), signed, rounding,
            narrow=signed and overflow == "SAT_SYM", wrap=overflow == "WRAP",
        )
        if not chosen.all():
            part = writer.add("Mul", [part, writer.constant("mask", np.broadcast_to(chosen, shape).astype(np.float64))])
        parts.append(part)
    if not parts:
        writer.refuse("a quantiser without any bits")
    return parts[0] if len(parts) == 1 else writer.add("Add", parts)


def uniform(array):
    return array.reshape(-1)[0] if np.all(array == array.reshape(-1)[0]) else array


# --- layers ---------------------------------------------------------------------------------------------------------


def qkeras_weight(layer, kind, value):
    q = getattr(layer, f"{kind}_quantizer_internal", None)
    return np.asarray(value if q is None else q(value))


def weights_of(writer, layer, hgq):
    from_hgq = lambda what: np.asarray(layer.__getattribute__(f"q{what}"))
    kernel = from_hgq("kernel") if hgq else qkeras_weight(layer, "kernel", layer.kernel)
    bias = None
    if layer.use_bias:
        bias = from_hgq("bias") if hgq else qkeras_weight(layer, "bias", layer.bias)
    if not hgq and getattr(layer, "kernel_quantizer_internal", None) is None:
        writer.refuse("weights without a quantiser")
    return kernel, bias


def activation(writer, function, x):
    if function is None:
        return x
    if type(function).__module__.startswith("qkeras"):
        return qkeras_quantizer(writer, function, x)
    name = getattr(function, "__name__", type(function).__name__)
    if name == "linear":
        return x
    if name not in PLAIN:
        writer.refuse(f"the activation {name}")
    return writer.add(PLAIN[name], [x])


def dense(writer, layer, x, hgq):
    kernel, bias = weights_of(writer, layer, hgq)
    x = writer.add("MatMul", [x, writer.weight("kernel", kernel)])
    return x if bias is None else writer.add("Add", [x, writer.weight("bias", bias)])


def convolution(writer, layer, x, hgq):
    if layer.data_format != "channels_last" or layer.padding == "causal":
        writer.refuse("channels-first data or causal padding")
    kernel, bias = weights_of(writer, layer, hgq)
    rank = kernel.ndim - 2
    inputs = [
        writer.add("Transpose", [x], perm=[0, rank + 1, *range(1, rank + 1)]),
        writer.weight("kernel", kernel.transpose(rank + 1, rank, *range(rank))),
    ]
    if bias is not None:
        inputs.append(writer.weight("bias", bias))
    x = writer.add(
        "Conv", inputs, kernel_shape=list(kernel.shape[:rank]), strides=list(layer.strides),
        dilations=list(layer.dilation_rate), group=layer.groups,
        auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
    )
    return writer.add("Transpose", [x], perm=[0, *range(2, rank + 2), 1])


def pooling(writer, layer, x):
    rank = len(layer.pool_size)
    x = writer.add("Transpose", [x], perm=[0, rank + 1, *range(1, rank + 1)])
    x = writer.add(
        "MaxPool", [x], kernel_shape=list(layer.pool_size), strides=list(layer.strides),
        auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
    )
    return writer.add("Transpose", [x], perm=[0, *range(2, rank + 2), 1])


def upsampling(writer, layer, x):
    if layer.interpolation != "nearest" or layer.data_format != "channels_last":
        writer.refuse("interpolation, or channels-first data")
    scales = writer.constant("scales", [1, *layer.size, 1])
    return writer.add(
        "Resize", [x, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
    )


def normalization(writer, layer, x):
    gamma = np.ones(layer.moving_mean.shape) if layer.gamma is None else np.asarray(layer.gamma, np.float64)
    beta = np.zeros(layer.moving_mean.shape) if layer.beta is None else np.asarray(layer.beta, np.float64)
    factor = gamma / np.sqrt(np.asarray(layer.moving_variance, np.float64) + layer.epsilon)
    shift = beta - np.asarray(layer.moving_mean, np.float64) * factor
    x = writer.add("Mul", [x, writer.constant("factor", factor.astype(np.float32))])
    return writer.add("Add", [x, writer.constant("shift", shift.astype(np.float32))])


def rescaling(writer, layer, x):
    for operator, part, neutral in (("Mul", layer.scale, 1), ("Add", layer.offset, 0)):
        values = np.asarray(part, np.float32)
        if np.any(values != neutral):
            x = writer.add(operator, [x, writer.constant(operator.lower(), values)])
    return x


def shape_of(tensor):
    return tuple(getattr(tensor, "shape", tensor))


MERGES = {"QAdd": "Add", "Add": "Add", "QSubtract": "Sub", "Subtract": "Sub", "QMultiply": "Mul", "Multiply": "Mul"}


def write_merge(writer, layer, operands):
    """Two tensors or more into one, each through a quantiser of its own where HGQ2 has given it one."""
    operator = MERGES.get(type(layer).__name__)
    if operator is None or (operator == "Sub" and len(operands) != 2):
        writer.refuse(f"{type(layer).__name__} of {len(operands)} inputs is not written yet")
    if type(layer).__module__.startswith("hgq"):
        if getattr(layer, "enable_iq", False):
            shapes = [shape_of(tensor) for tensor in layer.input]
            operands = [hgq_quantizer(writer, *each) for each in zip(layer.iq, operands, shapes)]
    x = operands[0]
    for operand in operands[1:]:
        x = writer.add(operator, [x, operand])
    return x


def write_layer(writer, layer, operands, written):
    """The name of the layer's result; `written` maps names of classes to functions of (writer, layer, input's name)."""
    kind, module = type(layer).__name__, type(layer).__module__
    hgq = module.startswith("hgq") or kind in written
    if isinstance(layer.input, (list, tuple)):
        x = write_merge(writer, layer, operands)
    else:
        x = operands[0]
        if hgq and kind != "Quantizer" and getattr(layer, "enable_iq", False):
            x = hgq_quantizer(writer, layer.iq, x, shape_of(layer.input))
        x = write_single(writer, layer, x, written, hgq)
    if hgq and kind != "Quantizer" and getattr(layer, "enable_oq", False):
        x = hgq_quantizer(writer, layer.oq, x, shape_of(layer.output))
    return x


def write_single(writer, layer, x, written, hgq):
    kind = type(layer).__name__
    if kind in written:
        x = written[kind](writer, layer, x)
    elif kind == "Quantizer" and hgq:
        x = hgq_quantizer(writer, layer, x, shape_of(layer.input))
    elif kind in ("QDense", "Dense"):
        x = activation(writer, layer.activation, dense(writer, layer, x, hgq))
    elif kind in ("QConv1D", "QConv2D"):
        x = activation(writer, layer.activation, convolution(writer, layer, x, hgq))
    elif kind == "QActivation" and not hgq:
        x = activation(writer, layer.quantizer, x)
    elif kind == "Activation":
        x = activation(writer, layer.activation, x)
    elif kind == "ReLU" and layer.max_value is None and not layer.negative_slope and not layer.threshold:
        x = writer.add("Relu", [x])
    elif kind in ("Flatten", "QFlatten"):
        x = writer.add("Flatten", [x], axis=1)
    elif kind in ("Reshape", "QReshape"):
        x = writer.add("Reshape", [x, writer.constant("shape", [-1, *shape_of(layer.output)[1:]], np.int64)])
    elif kind in ("MaxPooling1D", "MaxPooling2D") and not hgq:
        x = pooling(writer, layer, x)
    elif kind == "BatchNormalization" and not hgq:
        x = normalization(writer, layer, x)
    elif kind == "UpSampling2D":
        x = upsampling(writer, layer, x)
    elif kind == "Rescaling":
        x = rescaling(writer, layer, x)
    elif kind != "Dropout":
        writer.refuse(f"{kind} is not written yet")
    return x


def to_qonnx(model, names=("x", "y"), written=None):
    """The QONNX model of a built QKeras or HGQ2 graph of layers. Raises Unsupported with the name of the layer.

    names: of its input and its output. written: how to write layers of one's own, by the name of their class: functions of
    (writer, layer, name of the input, already through the layer's input quantiser) that return the name of the result.
    """
    writer = Writer()
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise Unsupported("a model of several inputs or outputs")
    known = {id(model.inputs[0]): names[0]}
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            continue
        writer.layer = layer.name
        if len(layer._inbound_nodes) != 1:
            writer.refuse("a layer that is used more than once")
        inbound = layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]
        unknown = [tensor for tensor in inbound if id(tensor) not in known]
        if unknown:
            writer.refuse("its input is not the output of a layer of the model")
        known[id(layer.output)] = write_layer(writer, layer, [known[id(tensor)] for tensor in inbound], written or {})
    result = model.outputs[0]
    writer.nodes.append(helper.make_node("Identity", [known[id(result)]], [names[1]], name=names[1]))
    graph = helper.make_graph(
        writer.nodes,
        model.name,
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, ["batch", *shape_of(model.inputs[0])[1:]])],
        [helper.make_tensor_value_info(names[1], TensorProto.FLOAT, ["batch", *shape_of(result)[1:]])],
        writer.constants,
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(QUANT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="keras_to_qonnx")


def load(path):
    """A saved model of either framework; they cannot share an environment, so the one that is there decides."""
    try:
        import hgq  # noqa: F401  (registers its layers)
        import keras

        return keras.models.load_model(path, compile=False)
    except ImportError:
        from qkeras.utils import load_qmodel

        return load_qmodel(path, compile=False)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        onnx.save(to_qonnx(load(sys.argv[1])), sys.argv[2])
    except Unsupported as error:
        sys.exit(f"error: {error}")
