"""Rampart's network, built anew from its published weights so that it is quick on a processor.

Three things differ from the published file, and none in what is computed (decision 0031):

- The published file packs each weight matrix into four bits per number, which onnxruntime unpacks
  at every call. Eight-bit matrices, one scale per output, multiply as integers: three times as fast
  on a processor with VNNI, the same label on all but a handful of words.
- Several texts may lie in one row: a token's position is given and not counted, and `apart` keeps
  it from attending to the texts beside its own. So hardly anything is computed for padding.
- The nodes are those that onnxruntime has quick kernels for. Of what it would fuse by itself one is
  slow (a sum and its normalization, a fifth of the time), so it is not left to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_NIBBLE_ZERO: Final = 8
"""What four-bit numbers are counted from where the file gives no zero point."""

_LAYERS: Final = 6
_HEADS: Final = 12
_EPSILON: Final = 1e-12
_MICROSOFT: Final = "com.microsoft"
"""The domain of onnxruntime's own operators."""


def network(path: Path) -> bytes:
    """The network whose weights are in the file at `path`, as ONNX.

    Of `ids`, `positions` (rows by tokens) and `apart` (rows by one by tokens by tokens: nothing for
    two tokens of one text, very little for others) it makes `logits` (rows by tokens by labels).
    """
    from onnx import TensorProto, helper

    built = _Network(_Published(path))
    built.whole()
    tokens, labels = ["rows", "tokens"], built.labels
    graph = helper.make_graph(
        built.nodes,
        "rampart",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, tokens),
            helper.make_tensor_value_info("positions", TensorProto.INT64, tokens),
            helper.make_tensor_value_info(
                "apart", TensorProto.FLOAT, ["rows", 1, "tokens", "tokens"]
            ),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*tokens, labels])],
        built.tensors,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString())


class _Published:
    """The weights of the published file, by the names of the parts that they are of."""

    def __init__(self, path: Path) -> None:
        import onnx

        graph = onnx.load(str(path)).graph
        self._tensors: Mapping[str, Any] = {tensor.name: tensor for tensor in graph.initializer}
        self._products = {
            node.name.strip("/").replace("/", "."): node
            for node in graph.node
            if node.op_type == "MatMulNBits"
        }

    def array(self, name: str) -> NDArray[Any]:
        from onnx import numpy_helper

        return numpy_helper.to_array(self._tensors[name])

    def matrix(self, part: str) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """A matrix (inputs by outputs) in eight bits, and its scale per output."""
        node = self._products[f"{part}.MatMul_Q4"]
        sizes = {attribute.name: attribute.i for attribute in node.attribute}
        outputs, block = sizes["N"], sizes["block_size"]
        packed = self.array(node.input[1])
        halves = np.stack([packed & 15, packed >> 4], axis=-1).reshape(outputs, -1, block)
        block_scales = self.array(node.input[2]).reshape(outputs, -1, 1)
        exact = (halves.astype(np.float32) - _NIBBLE_ZERO) * block_scales
        exact = exact.reshape(outputs, -1)[:, : sizes["K"]]
        scales = np.maximum(np.abs(exact).max(axis=1), 1e-12) / 127
        weights = np.clip(np.rint(exact / scales[:, None]), -127, 127).astype(np.int8)
        return weights.T, scales.astype(np.float32)


class _Network:
    """The nodes and tensors of the network, in the order in which they are added."""

    def __init__(self, published: _Published) -> None:
        self._published = published
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.labels = 0

    def whole(self) -> None:
        """Adds all of it."""
        state = self._embedded()
        width = len(self._published.array("bert.embeddings.LayerNorm.weight"))
        self._tensor("heads", np.array([0, 0, _HEADS, width // _HEADS], np.int64))
        self._tensor("joined", np.array([0, 0, width], np.int64))
        for layer in range(_LAYERS):
            state = self._layer(state, f"bert.encoder.layer.{layer}", width)
        self.labels = len(self._published.array("classifier.bias"))
        self._dense("logits", ["classifier"], state)

    def _embedded(self) -> str:
        """The words and positions, with that they are all of a first sentence."""
        embeddings = "bert.embeddings"
        for kind, index in (("word", "ids"), ("position", "positions")):
            weight = f"{embeddings}.{kind}_embeddings.weight"
            parts = [
                self._tensor(name, self._published.array(name))
                for name in (f"{weight}_quantized", f"{weight}_scale", f"{weight}_zero_point")
            ]
            self._node("Gather", [parts[0], index], f"{kind}_picked")
            self._node("DequantizeLinear", [f"{kind}_picked", *parts[1:]], kind)
        weight = f"{embeddings}.token_type_embeddings.weight"
        kept, scale, zero = (
            self._published.array(f"{weight}_{part}")
            for part in ("quantized", "scale", "zero_point")
        )
        first = ((kept[0].astype(np.float32) - zero) * scale).astype(np.float32)
        self._node("Add", ["word", self._tensor("first_sentence", first)], "word_there")
        return self._normalized(f"{embeddings}.LayerNorm", "word_there", "position")

    def _layer(self, state: str, name: str, width: int) -> str:
        """What a layer makes of `state`: each token attends to its text, then is worked over."""
        its = f"{name}.attention"
        three = [f"{its}.self.{part}" for part in ("query", "key", "value")]
        all_three = self._dense(f"{its}.all", three, state)
        self._node("Split", [all_three], *three, axis=-1, num_outputs=len(three))
        heads = [self._of_heads(part) for part in three]
        asked = f"{its}.asked"
        scale = (width // _HEADS) ** -0.5
        self._node("FusedMatMul", heads[:2], asked, domain=_MICROSOFT, transB=1, alpha=scale)
        self._node("Add", [asked, "apart"], f"{its}.within")
        self._node("Softmax", [f"{its}.within"], f"{its}.shares", axis=-1)
        self._node("MatMul", [f"{its}.shares", heads[2]], f"{its}.told")
        self._node("Transpose", [f"{its}.told"], f"{its}.turned", perm=[0, 2, 1, 3])
        self._node("Reshape", [f"{its}.turned", "joined"], f"{its}.heard")
        output = self._dense(f"{its}.output", [f"{its}.output.dense"], f"{its}.heard")
        state = self._normalized(f"{its}.output.LayerNorm", output, state)
        wide = self._dense(f"{name}.wide", [f"{name}.intermediate.dense"], state)
        self._node("Gelu", [wide], f"{name}.worked", domain=_MICROSOFT)
        output = self._dense(f"{name}.output", [f"{name}.output.dense"], f"{name}.worked")
        return self._normalized(f"{name}.output.LayerNorm", output, state)

    def _of_heads(self, part: str) -> str:
        """A third of a product, with its heads before its tokens."""
        self._node("Reshape", [part, "heads"], f"{part}.parted")
        return self._node("Transpose", [f"{part}.parted"], f"{part}.heads", perm=[0, 2, 1, 3])

    def _dense(self, name: str, parts: Sequence[str], source: str) -> str:
        """`source` by the matrices of some parts, side by side, and with what they add."""
        matrices, scales = zip(*(self._published.matrix(part) for part in parts), strict=True)
        added = [self._published.array(f"{part}.bias") for part in parts]
        weights = self._tensor(f"{name}.weights", np.concatenate(matrices, axis=1))
        scale = self._tensor(f"{name}.scale", np.concatenate(scales))
        bias = self._tensor(f"{name}.bias", np.concatenate(added))
        inputs = [source, weights, scale, "", bias]
        return self._node("DynamicQuantizeMatMul", inputs, name, domain=_MICROSOFT)

    def _normalized(self, name: str, one: str, other: str) -> str:
        self._node("Add", [one, other], f"{name}.sum")
        learnt = [
            self._tensor(f"{name}.{part}", self._published.array(f"{name}.{part}"))
            for part in ("weight", "bias")
        ]
        return self._node("LayerNormalization", [f"{name}.sum", *learnt], name, epsilon=_EPSILON)

    def _node(self, kind: str, inputs: Sequence[str], *outputs: str, **settings: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, outputs, **settings))
        return outputs[0]

    def _tensor(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name
