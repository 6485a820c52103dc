"""Train small models and export them with scikit-learn's and XGBoost's own ways to ONNX.

usage: export_light.py REQUEST ANSWER; REQUEST is {"folder": path}, ANSWER {"<name>": {"file", "versions"}}.
"""

import json
import os
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def data():
    generator = np.random.default_rng(5)
    x = generator.normal(size=(400, 8)).astype(np.float32)
    score = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) - x[:, 3]
    return x, score.astype(np.float32)


def scikit_learn(folder):
    import skl2onnx
    import sklearn
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from skl2onnx import to_onnx

    x, y = data()
    versions = f"scikit-learn {sklearn.__version__}, skl2onnx {skl2onnx.__version__}"
    network = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(12,), max_iter=60, random_state=1)).fit(x, y)
    labels = (y > 0).astype(int) + (y > 1)
    classifier = MLPClassifier(hidden_layer_sizes=(10,), max_iter=60, random_state=1).fit(x, labels)
    for name, model, options in [
        ("sklearn-regressor", network, None),
        ("sklearn-classifier", classifier, {id(classifier): {"zipmap": False}}),
    ]:
        path = os.path.join(folder, name + ".onnx")
        with open(path, "wb") as file:
            file.write(to_onnx(model, x[:1], options=options).SerializeToString())
        yield name, {"file": path, "versions": versions}


def xgboost(folder):
    import onnxmltools
    import xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    x, y = data()
    versions = f"XGBoost {xgboost.__version__}, onnxmltools {onnxmltools.__version__}"
    regressor = xgboost.XGBRegressor(n_estimators=8, max_depth=3, random_state=1).fit(x, y)
    classifier = xgboost.XGBClassifier(n_estimators=6, max_depth=3, random_state=1).fit(x, y > 0)
    for name, model in [("xgboost-regressor", regressor), ("xgboost-classifier", classifier)]:
        path = os.path.join(folder, name + ".onnx")
        exported = onnxmltools.convert_xgboost(model, initial_types=[("x", FloatTensorType([None, 8]))])
        with open(path, "wb") as file:
            file.write(exported.SerializeToString())
        yield name, {"file": path, "versions": versions}


def main():
    with open(sys.argv[1]) as file:
        folder = json.load(file)["folder"]
    answer = dict([*scikit_learn(folder), *xgboost(folder)])
    with open(sys.argv[2], "w") as file:
        json.dump(answer, file)


main()
