"""Exact persistent homology of point clouds and streams, and anomaly detection on top of it.

Diagrams
    `ripser` (the interface of ripser.py), `VietorisRips`, `SlidingVietorisRips`
Diagrams compared
    `bottleneck_distance`, `wasserstein_distance`, `match_diagrams`
Diagrams as numbers
    `persistence_statistics`, `persistent_entropy`, `betti_curve`, `persistence_landscape`, `persistence_silhouette`,
    `persistence_image`
Point clouds
    `delay_embed`, `decorrelation_lag`, `pairwise_distances`
Anomalies
    `DataProcessor`, `TopologyAnalyzer`, `AnomalyDetector`, `ThreatClassifier`
Pipelines of scikit-learn
    the module `topoforge.transformers`

The interpreter is free while the compiled part works, so that threads run at once. Wrong arguments raise `ValueError`
with the value and what was wanted; other failures `TopoForgeError`.
"""

from importlib.metadata import version as _version

from topoforge._analysis import (
    Analysis,
    AnomalyDetector,
    DataProcessor,
    ThreatClassifier,
    TopologyAnalyzer,
    default_threat_rules,
)
from topoforge._cloud import METRICS, decorrelation_lag, delay_embed, pairwise_distances
from topoforge._distances import DiagramMatching, bottleneck_distance, match_diagrams, wasserstein_distance
from topoforge._engines import (
    ApproximateDiagram,
    LoopRepresentative,
    RepresentedDiagram,
    SlidingVietorisRips,
    VietorisRips,
)
from topoforge._errors import LimitExceededError, NotReadyError, TopoForgeError
from topoforge._features import (
    BettiCurve,
    Landscape,
    PersistenceImage,
    PersistenceStatistics,
    Silhouette,
    betti_curve,
    persistence_image,
    persistence_landscape,
    persistence_silhouette,
    persistence_statistics,
    persistent_entropy,
)
from topoforge._ripser import RipserResult, ripser

__version__ = _version("topoforge")

__all__ = [
    "METRICS",
    "Analysis",
    "AnomalyDetector",
    "ApproximateDiagram",
    "BettiCurve",
    "DataProcessor",
    "DiagramMatching",
    "Landscape",
    "LimitExceededError",
    "LoopRepresentative",
    "NotReadyError",
    "PersistenceImage",
    "PersistenceStatistics",
    "RepresentedDiagram",
    "RipserResult",
    "Silhouette",
    "SlidingVietorisRips",
    "ThreatClassifier",
    "TopoForgeError",
    "TopologyAnalyzer",
    "VietorisRips",
    "betti_curve",
    "bottleneck_distance",
    "decorrelation_lag",
    "default_threat_rules",
    "delay_embed",
    "match_diagrams",
    "pairwise_distances",
    "persistence_image",
    "persistence_landscape",
    "persistence_silhouette",
    "persistence_statistics",
    "persistent_entropy",
    "ripser",
    "wasserstein_distance",
]
