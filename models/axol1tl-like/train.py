#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generate toy Level-1 events, train a quantised anomaly detector, export it to QONNX.

The network has the shape of AXOL1TL v5, the anomaly trigger in the CMS Global
Trigger: an encoder compresses the 57 numbers of an event into 10 features, an
autoencoder tries to reproduce those features through a bottleneck of 4, and the
squared residual is the anomaly score. Score and input scaling are part of the graph.

    57 -> [Quant, - offset, * 2^k, Quant] -> 24 -> 10 = z          (encoder)
                                              z -> 9 -> 6 -> 4 -> 6 -> 9 -> 10 = r
                                              score = Quant(sum Quant(r - z)^2)

Everything is generated here from a seed: the toy physics (numpy), the training
(PyTorch with Brevitas, quantisation-aware throughout) and the files:

    model.onnx        the QONNX graph as Brevitas exports it
    sample.csv.gz     events, as real values of the graph's input
    expected.csv.gz   the score of each, as computed by PyTorch/Brevitas
    provenance.json   versions, seed, settings, results, hashes

Usage:  pip install -r requirements.txt && python train.py
"""

import argparse
import gzip
import hashlib
import io
import json
import math
import platform
from decimal import Decimal
from pathlib import Path

import brevitas
import numpy as np
import onnx
import torch
from brevitas.export import export_qonnx
from brevitas.inject.enum import ScalingImplType
from brevitas.nn import QuantIdentity, QuantLinear, QuantReLU
from brevitas.quant import (
    Int8ActPerTensorFixedPoint,
    Int8BiasPerTensorFixedPointInternalScaling,
    Int8WeightPerTensorFixedPoint,
    Uint8ActPerTensorFixedPoint,
)
from torch import nn

# ---------------------------------------------------------------------------
# Layout of an event: 19 objects of (pt, eta, phi), in this order.
# ---------------------------------------------------------------------------

N_EG, N_MU, N_JET = 4, 4, 10
OBJECTS = (
    ["met"]
    + [f"eg{i}" for i in range(N_EG)]
    + [f"mu{i}" for i in range(N_MU)]
    + [f"jet{i}" for i in range(N_JET)]
)
COLUMNS = [f"{name}_{part}" for name in OBJECTS for part in ("pt", "eta", "phi")]
N_IN = len(COLUMNS)  # 57

PT_LSB = 0.5  # GeV, every object
CALO_ETA_LSB, CALO_PHI_STEPS = 0.0435, 144
MUON_ETA_LSB, MUON_PHI_STEPS = 0.010875, 576
PT_MAX_CODE = {"met": 4095, "eg": 511, "mu": 511, "jet": 2047}
ETA_MAX = {"eg": 3.0, "mu": 2.4, "jet": 5.0}
PT_MIN = {"eg": 4.0, "mu": 2.5, "jet": 12.0}  # GeV, below: not an object


# ---------------------------------------------------------------------------
# Toy physics. Objects are padded arrays (events, slots) of pt, eta, phi;
# pt = 0 marks an empty slot. All in GeV and radians.
# ---------------------------------------------------------------------------


class Objects:
    """A growing collection of (pt, eta, phi) slots for n events."""

    def __init__(self, n):
        self.n = n
        self.parts = []

    def add(self, pt, eta, phi):
        """Append slots; each argument is (n,) or (n, k), pt = 0 where absent."""
        shape = (self.n, -1)
        pt, eta, phi = (np.asarray(a, float).reshape(shape) for a in (pt, eta, phi))
        self.parts.append(np.stack([pt, eta, phi], axis=-1))

    def all(self):
        if not self.parts:
            return np.zeros((self.n, 0, 3))
        return np.concatenate(self.parts, axis=1)


def power_law(rng, n, minimum, index):
    """Falling spectrum dN/dpt ~ pt^-(index+1) above the minimum."""
    return minimum * rng.random(n) ** (-1.0 / index)


def decay(rng, mass, pt, eta, phi):
    """Isotropic decay of a particle into two massless ones; returns two (pt, eta, phi)."""
    n = len(pt)
    cos = rng.uniform(-1, 1, n)
    sin = np.sqrt(1 - cos**2)
    azimuth = rng.uniform(0, 2 * np.pi, n)
    p_rest = 0.5 * mass[:, None] * np.stack([sin * np.cos(azimuth), sin * np.sin(azimuth), cos], -1)
    p = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)], -1)
    energy = np.sqrt((p**2).sum(-1) + mass**2)
    out = []
    for sign in (1, -1):
        q = sign * p_rest
        e_rest = 0.5 * mass
        along = (q * p).sum(-1)
        boosted = q + p * ((along / (energy + mass) + e_rest) / mass)[:, None]
        bpt = np.maximum(np.hypot(boosted[:, 0], boosted[:, 1]), 1e-6)
        out.append((bpt, np.arcsinh(boosted[:, 2] / bpt), np.arctan2(boosted[:, 1], boosted[:, 0])))
    return out


class Event:
    """Truth-level content of n events, filled by the process functions below."""

    def __init__(self, rng, n):
        self.rng, self.n = rng, n
        self.jets, self.electrons, self.muons = Objects(n), Objects(n), Objects(n)

    def boson(self, mass, pt_minimum=8.0):
        """A heavy particle with a falling pt and a jet that recoils against it."""
        rng, n = self.rng, self.n
        mass = np.broadcast_to(np.asarray(mass, float), n) * np.exp(rng.normal(0, 0.02, n))
        pt = np.minimum(power_law(rng, n, pt_minimum, 1.7), 4 * mass)
        eta, phi = rng.normal(0, 1.2, n), rng.uniform(-np.pi, np.pi, n)
        self.jets.add(pt, rng.normal(0, 1.8, n), phi + np.pi + rng.normal(0, 0.1, n))
        return mass, pt, eta, phi

    def dijet(self, minimum=22.0, index=3.2):
        """QCD: two balanced jets with a steeply falling spectrum, and radiation."""
        rng, n = self.rng, self.n
        pt = np.minimum(power_law(rng, n, minimum, index), 1500.0)
        boost, split = rng.normal(0, 1.3, n), rng.normal(0, 0.9, n)
        phi = rng.uniform(-np.pi, np.pi, n)
        self.jets.add(pt, boost + split, phi)
        self.jets.add(pt * rng.beta(9, 1, n), boost - split, phi + np.pi + rng.normal(0, 0.2, n))
        for share in (0.6, 0.25):
            present = rng.random(n) < share
            radiated = pt * rng.beta(1.2, 4, n) * present
            self.jets.add(
                radiated, boost + rng.normal(0, 1.5, n), phi + rng.uniform(-np.pi, np.pi, n)
            )

    def pileup(self, mean=8.0):
        """Soft jets, soft photons and soft muons of the other collisions."""
        rng, n = self.rng, self.n
        activity = rng.gamma(5.0, 0.2, n)
        for objects, slots, rate, slope, width in (
            (self.jets, 16, mean, 9.0, 2.2),
            (self.electrons, 5, 1.0, 4.0, 1.4),
            (self.muons, 3, 0.2, 3.5, 1.2),
        ):
            count = rng.poisson(rate * activity)[:, None]
            pt = 3.0 + rng.exponential(slope, (n, slots))
            pt = np.where(np.arange(slots)[None] < count, pt, 0.0)
            objects.add(
                pt, rng.normal(0, width, (n, slots)), rng.uniform(-np.pi, np.pi, (n, slots))
            )


def process_qcd(event):
    event.dijet()


def process_w(event):
    mass, pt, eta, phi = event.boson(80.4)
    lepton, _neutrino = decay(event.rng, mass, pt, eta, phi)
    muonic = event.rng.random(event.n) < 0.5
    event.muons.add(lepton[0] * muonic, lepton[1], lepton[2])
    event.electrons.add(lepton[0] * ~muonic, lepton[1], lepton[2])


def process_z(event):
    mass, pt, eta, phi = event.boson(91.2)
    muonic = event.rng.random(event.n) < 0.5
    for lpt, leta, lphi in decay(event.rng, mass, pt, eta, phi):
        event.muons.add(lpt * muonic, leta, lphi)
        event.electrons.add(lpt * ~muonic, leta, lphi)


def process_top(event):
    rng, n = event.rng, event.n
    pt, phi = power_law(rng, n, 40.0, 2.2), rng.uniform(-np.pi, np.pi, n)
    for side in (0, np.pi):
        top_eta = rng.normal(0, 1.1, n)
        top_phi = phi + side
        (bpt, beta, bphi), (wpt, weta, wphi) = decay(rng, np.full(n, 150.0), pt, top_eta, top_phi)
        event.jets.add(bpt, beta, bphi)
        first, second = decay(rng, np.full(n, 80.4), wpt, weta, wphi)
        kind = rng.random(n)
        event.jets.add(first[0] * (kind < 0.67), first[1], first[2])
        event.jets.add(second[0] * (kind < 0.67), second[1], second[2])
        event.muons.add(first[0] * ((kind >= 0.67) & (kind < 0.83)), first[1], first[2])
        event.electrons.add(first[0] * (kind >= 0.83), first[1], first[2])


def signal_dijet_resonance(event):
    """A narrow particle of 400 GeV that decays into two jets."""
    for daughter in decay(event.rng, *event.boson(400.0, pt_minimum=20.0)):
        event.jets.add(*daughter)


def signal_multi_muon(event):
    """A 125 GeV scalar to two light ones (25 GeV) to four muons."""
    mass, pt, eta, phi = event.boson(125.0)
    for lpt, leta, lphi in decay(event.rng, mass, pt, eta, phi):
        for muon in decay(event.rng, np.full(event.n, 25.0), lpt, leta, lphi):
            event.muons.add(*muon)


def signal_high_met(event):
    """Something invisible that recoils against a hard jet."""
    event.boson(500.0, pt_minimum=100.0)


def signal_multi_jet(event):
    """Two 160 GeV particles, each to two pairs of jets: many medium jets."""
    for _ in range(2):
        mass, pt, eta, phi = event.boson(160.0, pt_minimum=15.0)
        for dpt, deta, dphi in decay(event.rng, mass, pt, eta, phi):
            for jet in decay(event.rng, np.full(event.n, 40.0), dpt, deta, dphi):
                event.jets.add(*jet)


BACKGROUND = ((process_qcd, 0.945), (process_w, 0.035), (process_z, 0.012), (process_top, 0.008))
SIGNALS = {
    "dijet_resonance": signal_dijet_resonance,
    "multi_muon": signal_multi_muon,
    "high_met": signal_high_met,
    "multi_jet": signal_multi_jet,
}


def detect(event):
    """Detector and trigger primitives: 57 hardware integers per event."""
    rng, n = event.rng, event.n
    jets, electrons, muons = event.jets.all(), event.electrons.all(), event.muons.all()

    # Muons inside jets (heavy flavour), and jets that look like an e/gamma.
    inside = rng.random(jets.shape[:2]) < 0.035
    soft = jets.copy()
    soft[..., 0] = np.where(
        inside & (jets[..., 0] > 10), 1.0 + rng.exponential(4.5, inside.shape), 0
    )
    soft[..., 1:] += rng.normal(0, 0.15, soft[..., 1:].shape)
    fake = jets.copy()
    fake[..., 0] *= (rng.random(jets.shape[:2]) < 0.6) * rng.beta(2.0, 2.0, jets.shape[:2])

    # An electron is also a calorimeter jet; a muon is not.
    jets = np.concatenate([jets, electrons], axis=1)
    electrons = np.concatenate([electrons, fake], axis=1)
    muons = np.concatenate([muons, soft], axis=1)

    def smear(objects, stochastic, constant):
        pt = objects[..., 0]
        width = np.hypot(stochastic / np.sqrt(np.maximum(pt, 1.0)), constant)
        objects[..., 0] = pt * np.maximum(1 + width * rng.normal(size=pt.shape), 0.0)

    smear(jets, 0.9, 0.06)
    smear(electrons, 0.25, 0.02)
    smear(muons, 0.0, 0.12)

    # Missing momentum: what the calorimeter does not see, plus noise.
    jets[np.abs(jets[..., 1]) > ETA_MAX["jet"], 0] = 0.0
    noise = (5.0 + 0.35 * np.sqrt(jets[..., 0].sum(1)))[:, None] * rng.normal(size=(n, 2))
    mex = -(jets[..., 0] * np.cos(jets[..., 2])).sum(1) + noise[:, 0]
    mey = -(jets[..., 0] * np.sin(jets[..., 2])).sum(1) + noise[:, 1]

    def phi_code(phi, steps):
        return np.floor(np.mod(phi, 2 * np.pi) * (steps / (2 * np.pi))).astype(np.int64) % steps

    met = np.zeros((n, 1, 3), np.int64)
    met[:, 0, 0] = np.minimum(np.hypot(mex, mey) / PT_LSB, PT_MAX_CODE["met"])
    met[:, 0, 2] = phi_code(np.arctan2(mey, mex), CALO_PHI_STEPS)

    def to_hardware(objects, kind, slots, eta_lsb, phi_steps):
        pt, eta, phi = objects[..., 0], objects[..., 1], objects[..., 2]
        keep = (pt >= PT_MIN[kind]) & (np.abs(eta) <= ETA_MAX[kind])
        code = np.stack(
            [
                np.minimum(pt / PT_LSB, PT_MAX_CODE[kind]).astype(np.int64),
                np.rint(np.clip(eta, -6, 6) / eta_lsb).astype(np.int64),
                phi_code(phi, phi_steps),
            ],
            axis=-1,
        )
        code = np.where(keep[..., None], code, 0)
        order = np.argsort(-code[..., 0], axis=1, kind="stable")[:, :slots]
        return np.take_along_axis(code, order[..., None], axis=1)

    return np.concatenate(
        [
            met,
            to_hardware(electrons, "eg", N_EG, CALO_ETA_LSB, CALO_PHI_STEPS),
            to_hardware(muons, "mu", N_MU, MUON_ETA_LSB, MUON_PHI_STEPS),
            to_hardware(jets, "jet", N_JET, CALO_ETA_LSB, CALO_PHI_STEPS),
        ],
        axis=1,
    ).reshape(n, N_IN)


def generate(rng, n, process):
    event = Event(rng, n)
    process(event)
    event.pileup()
    return detect(event)


def generate_background(rng, n):
    shares = rng.multinomial(n, [share for _, share in BACKGROUND])
    parts = [generate(rng, int(k), process) for (process, _), k in zip(BACKGROUND, shares) if k]
    return rng.permutation(np.concatenate(parts))


def to_real(hardware):
    """Hardware integers to the graph's input: pt in GeV, eta and phi as they are."""
    real = hardware.astype(np.float32)
    real[:, 0::3] *= PT_LSB
    return real


# ---------------------------------------------------------------------------
# Quantisers. All scales are powers of two: those of weights and biases follow
# the largest magnitude, those of activations are fixed by their range.
# ---------------------------------------------------------------------------


def signed_act(bits, limit):
    """Signed activation of so many bits that covers [-limit, limit)."""
    return Int8ActPerTensorFixedPoint.let(
        bit_width=bits, scaling_impl_type=ScalingImplType.CONST, scaling_init=float(limit)
    )


def unsigned_act(bits, limit):
    """Unsigned activation of so many bits that covers [0, limit)."""
    return Uint8ActPerTensorFixedPoint.let(
        bit_width=bits, scaling_impl_type=ScalingImplType.CONST, scaling_init=float(limit)
    )


def linear(n_in, n_out, bits):
    return QuantLinear(
        n_in,
        n_out,
        bias=True,
        weight_quant=Int8WeightPerTensorFixedPoint.let(bit_width=bits),
        bias_quant=Int8BiasPerTensorFixedPointInternalScaling.let(bit_width=6),
    )


def relu(bits, limit):
    return QuantReLU(act_quant=unsigned_act(bits, limit))


class Scaling(nn.Module):
    """(x - offset) * 2^k per input, between two quantisers."""

    def __init__(self, background):
        super().__init__()
        offset, shift = np.zeros(N_IN), np.zeros(N_IN)
        for i in range(N_IN):
            values = background[:, i].astype(float)
            part = i % 3
            if part == 0:  # pt: centre where present, from the spread of the bulk
                present = values[values > 0]
                low, high = np.percentile(present, [10, 90])
                offset[i] = np.rint(np.percentile(values, 25) / PT_LSB) * PT_LSB
                shift[i] = -np.rint(np.log2(max(high - low, 1.0) / 2))
            elif part == 1:  # eta: symmetric
                shift[i] = -7 if OBJECTS[i // 3].startswith("mu") else -5
            else:  # phi: centred in its range
                steps = MUON_PHI_STEPS if OBJECTS[i // 3].startswith("mu") else CALO_PHI_STEPS
                shift[i] = -8 if steps == MUON_PHI_STEPS else -6
        self.register_buffer("offset", torch.tensor(offset, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(2.0**shift, dtype=torch.float32))
        # 13 bits in steps of 0.5 hold every input exactly.
        self.input_quant = QuantIdentity(act_quant=signed_act(13, 2048))
        self.scaled_quant = QuantIdentity(act_quant=signed_act(10, 32))

    def forward(self, x):
        return self.scaled_quant((self.input_quant(x) - self.offset) * self.scale)


class AnomalyDetector(nn.Module):
    """Scaling, encoder, autoencoder of the encoder's output, and the score."""

    def __init__(self, background):
        super().__init__()
        self.scaling = Scaling(background)
        self.encoder = nn.Sequential(
            linear(N_IN, 24, 5), relu(9, 32),
            linear(24, 10, 5), relu(10, 64),
        )  # fmt: skip
        self.autoencoder = nn.Sequential(
            linear(10, 9, 6), relu(10, 64),
            linear(9, 6, 6), relu(10, 64),
            linear(6, 4, 6), relu(10, 64),
            linear(4, 6, 6), relu(10, 64),
            linear(6, 9, 6), relu(10, 64),
            linear(9, 10, 6),
        )  # fmt: skip
        self.residual_quant = QuantIdentity(act_quant=signed_act(11, 64))
        self.score_quant = QuantIdentity(act_quant=unsigned_act(18, 16384))
        with torch.no_grad():
            # The eta of MET is always zero: an input that carries nothing.
            self.encoder[0].weight[:, COLUMNS.index("met_eta")] = 0.0
            # No feature starts dead.
            self.encoder[0].bias.fill_(0.25)
            self.encoder[2].bias.fill_(1.0)

    def residual(self, z):
        return self.autoencoder(z) - z

    def forward(self, x):
        z = self.encoder(self.scaling(x))
        d = self.residual_quant(self.residual(z))
        return self.score_quant((d * d).sum(dim=1, keepdim=True))


# ---------------------------------------------------------------------------
# Training
# ---------------------------------------------------------------------------


def batches(rng, data, size):
    order = torch.from_numpy(rng.permutation(len(data)))
    for start in range(0, len(data) - size + 1, size):
        yield data[order[start : start + size]]


def fit(name, rng, data, epochs, batch, parameters, rate, loss_of):
    """Plain Adam with a cosine schedule; returns the last epoch's mean loss."""
    optimiser = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * (len(data) // batch))
    for epoch in range(epochs):
        total, count = 0.0, 0
        for x in batches(rng, data, batch):
            optimiser.zero_grad()
            loss = loss_of(x)
            loss.backward()
            optimiser.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
        print(f"{name} epoch {epoch + 1}/{epochs}: loss {total / count:.5f}", flush=True)
    return total / count


def train(model, rng, data, args):
    """Encoder first, with a float decoder that is thrown away; then the autoencoder."""
    with torch.no_grad():
        scaled = model.scaling(data)

    decoder = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, N_IN))
    sparse = [layer.weight for layer in model.encoder if isinstance(layer, QuantLinear)]

    # Every pt counts the same whatever its spread, so that rare objects (a third
    # muon) are encoded too; directions count little.
    weight = 1 / scaled.clamp(-8, 8).var(dim=0).clamp(min=1e-3)
    weight *= torch.tensor([1.0, args.direction, args.direction]).repeat(len(OBJECTS))
    weight /= weight.sum()

    def encoder_loss(x):
        error = (decoder(model.encoder(x)) - x.clamp(-8, 8)) ** 2
        loss = (error @ weight).mean()
        return loss + args.l1 * sum(w.abs().sum() for w in sparse)

    model.train()
    first = fit(
        "encoder", rng, scaled, args.epochs_encoder, args.batch,
        [*model.encoder.parameters(), *decoder.parameters()], args.rate, encoder_loss,
    )  # fmt: skip

    # From here on the encoder is frozen.
    model.encoder.eval().requires_grad_(False)
    with torch.no_grad():
        z = model.encoder(scaled)

    def autoencoder_loss(z):
        return nn.functional.smooth_l1_loss(model.autoencoder(z), z, beta=0.5)

    second = fit(
        "autoencoder", rng, z, args.epochs_autoencoder, args.batch,
        [*model.autoencoder.parameters()], args.rate, autoencoder_loss,
    )  # fmt: skip
    model.eval()
    return {"encoder_loss": first, "autoencoder_loss": second}


# ---------------------------------------------------------------------------
# Evaluation
# ---------------------------------------------------------------------------


def scores(model, hardware):
    with torch.no_grad():
        return model(torch.from_numpy(to_real(hardware))).numpy()[:, 0]


def auc(background, signal):
    """Area under the ROC curve; ties count half."""
    both = np.concatenate([background, signal])
    _, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    s = len(signal)
    return float((rank[inverse][len(background) :].sum() - s * (s + 1) / 2) / (s * len(background)))


def evaluate(model, rng, n):
    """AUC, and the signal efficiency at a threshold that passes 1 % of background."""
    background = scores(model, generate_background(rng, n))
    threshold = float(np.quantile(background, 0.99, method="lower"))
    result = {
        "background_score_quantiles": {
            str(q): float(np.quantile(background, q, method="lower"))
            for q in (0.01, 0.5, 0.9, 0.99, 1.0)
        }
    }
    for name, process in SIGNALS.items():
        signal = scores(model, generate(rng, n // 4, process))
        result[name] = {
            "auc": round(auc(background, signal), 4),
            "efficiency_at_1_percent": round(float((signal > threshold).mean()), 4),
            "median_score": float(np.median(signal)),
        }
        print(f"{name:16s} {result[name]}")
    print(f"background       {result['background_score_quantiles']}")
    return result


# ---------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------


def decimal(value):
    """A float as an exact decimal, without exponent or trailing zeros."""
    text = format(Decimal(float(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_csv_gz(path, rows, header=None):
    """Same rows, same bytes: the gzip header carries neither name nor time."""
    lines = [",".join(header)] if header else []
    lines += [",".join(decimal(value) for value in row) for row in rows]
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode("ascii"))
    path.write_bytes(buffer.getvalue())


def sample_events(rng, n):
    """Background, then 5 % of each signal; returns the events and how many of which."""
    each = n // 20
    counts = {"background": n - each * len(SIGNALS), **{name: each for name in SIGNALS}}
    parts = [generate_background(rng, counts["background"])]
    parts += [generate(rng, each, process) for process in SIGNALS.values()]
    return np.concatenate(parts), counts


def export(model, path):
    export_qonnx(
        model,
        torch.zeros(1, N_IN),
        str(path),
        input_names=["event"],
        output_names=["score"],
        dynamic_axes={"event": {0: "batch"}, "score": {0: "batch"}},
        keep_initializers_as_inputs=False,
        opset_version=13,
    )
    onnx.checker.check_model(onnx.load(path))


def describe_layers(model):
    layers = []
    for name, layer in model.named_modules():
        if isinstance(layer, QuantLinear):
            weight, bias = layer.quant_weight(), layer.quant_bias()
            layers.append(
                {
                    "name": name,
                    "inputs": layer.in_features,
                    "outputs": layer.out_features,
                    "weight_bits": int(weight.bit_width),
                    "log2_weight_scale": int(math.log2(float(weight.scale))),
                    "nonzero_weights": int((weight.value != 0).sum()),
                    "bias_bits": int(bias.bit_width),
                    "log2_bias_scale": int(math.log2(float(bias.scale))),
                }
            )
    return layers


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="output folder")
    parser.add_argument("--seed", type=int, default=20260)
    parser.add_argument("--events", type=int, default=150_000, help="training events")
    parser.add_argument("--epochs-encoder", type=int, default=20)
    parser.add_argument("--epochs-autoencoder", type=int, default=20)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=3e-3, help="learning rate at the start")
    parser.add_argument("--l1", type=float, default=4e-6, help="sparsity of the encoder")
    parser.add_argument(
        "--direction", type=float, default=0.1, help="weight of eta, phi in the loss"
    )
    parser.add_argument("--test-events", type=int, default=40_000)
    parser.add_argument("--sample", type=int, default=1000, help="events in sample.csv.gz")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(1)  # the order of sums, and with it the result, depends on it
    torch.use_deterministic_algorithms(True)
    # Independent streams: changing the length of one leaves the others as they are.
    data_rng, order_rng, test_rng, sample_rng = map(
        np.random.default_rng, np.random.SeedSequence(args.seed).spawn(4)
    )

    background = to_real(generate_background(data_rng, args.events))
    model = AnomalyDetector(background)
    losses = train(model, order_rng, torch.from_numpy(background), args)
    evaluation = evaluate(model, test_rng, args.test_events)

    args.out.mkdir(parents=True, exist_ok=True)
    sample, counts = sample_events(sample_rng, args.sample)
    expected = scores(model, sample)
    write_csv_gz(args.out / "sample.csv.gz", to_real(sample), COLUMNS)
    write_csv_gz(args.out / "expected.csv.gz", expected[:, None])
    export(model, args.out / "model.onnx")

    settings = {k: v for k, v in vars(args).items() if k != "out"}
    provenance = {
        "description": "AXOL1TL-like anomaly detector trained on generated toy events",
        "licence": "Apache-2.0",
        "script": "train.py",
        "script_sha256": sha256(Path(__file__)),
        "settings": settings,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__.split("+")[0],
            "brevitas": brevitas.__version__,
            "onnx": onnx.__version__,
            "numpy": np.__version__,
        },
        "data": {
            "training_events": args.events,
            "test_events": {"background": args.test_events, "each_signal": args.test_events // 4},
            "sample_rows_in_order": counts,
        },
        "layers": describe_layers(model),
        "training": losses,
        "evaluation": evaluation,
        "sha256": {
            name: sha256(args.out / name)
            for name in ("model.onnx", "sample.csv.gz", "expected.csv.gz")
        },
    }
    text = json.dumps(provenance, indent=2) + "\n"
    text = text.replace("e-0", "e-")  # 4e-06: as the formatter of this repository wants it
    (args.out / "provenance.json").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
