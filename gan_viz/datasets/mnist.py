"""MNIST and Fashion-MNIST, from the files their authors published."""

from __future__ import annotations

from pathlib import Path

from gan_viz.datasets.base import DIGITS, ImageSet
from gan_viz.datasets.download import Stored
from gan_viz.datasets.source import Source, load_source
from gan_viz.progress import Progress

_MNIST_LABELS = (
    "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
)
_FASHION_LABELS = (
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
)

MNIST = Source(
    name="mnist",
    classes=DIGITS,
    folders=("mnist", "MNIST/raw"),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    files={
        "train-images-idx3-ubyte.gz": Stored(
            9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": Stored(
            28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": Stored(
            1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": Stored(
            4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
    others=frozenset(_FASHION_LABELS),
)

FASHION_MNIST = Source(
    name="fashion-mnist",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    folders=("fashion-mnist", "FashionMNIST/raw"),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    files={
        "train-images-idx3-ubyte.gz": Stored(
            26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "train-labels-idx1-ubyte.gz": Stored(
            29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte.gz": Stored(
            4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "t10k-labels-idx1-ubyte.gz": Stored(
            5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
    others=frozenset(_MNIST_LABELS),
)


def mnist(split: str, data_dir: Path | None = None, progress: Progress | None = None) -> ImageSet:
    """Load MNIST: 60,000 handwritten digits to learn from, 10,000 to test with, 28 x 28.

    See `gan_viz.datasets.load` for the parameters.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
    recognition, section III.A. Licence: CC BY-SA 3.0.
    """
    return load_source(MNIST, split, data_dir, progress)


def fashion_mnist(
    split: str, data_dir: Path | None = None, progress: Progress | None = None
) -> ImageSet:
    """Load Fashion-MNIST: 60,000 pictures of clothes and 10,000 to test with, 28 x 28.

    See `gan_viz.datasets.load` for the parameters.

    References
    ----------
    Xiao, Rasul and Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms, arXiv:1708.07747. Licence: MIT.
    """
    return load_source(FASHION_MNIST, split, data_dir, progress)
