"""Both formats keep what every packing plugin promises."""

import datasete_zip
from datasete.testing.packing import PackingConformance


class TestNative(PackingConformance):
    plugin = datasete_zip
    format = datasete_zip.NATIVE


class TestTrainingSet(PackingConformance):
    plugin = datasete_zip
    format = datasete_zip.TRAINING
    keeps_names = False
    keeps_attributes = False


def test_all_formats_are_tried_here():
    tried = {TestNative.format, TestTrainingSet.format}
    assert {each.id for each in datasete_zip.datasete_profile_formats()} == tried
