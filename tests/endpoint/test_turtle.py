from __future__ import annotations

import pytest

from endpoint.turtle import excerpt, guide, marked, prose

GUIDE = """
# A title
#
# What it is
# about.
#
# More.

@prefix ex: <https://example.org/> .

# 1. First
# Use neakg:Taxon & `ex:a`.

ex:a a neakg:Taxon .

# 2. Last
# Nothing to write.
"""


def nowhere(_: str) -> str:
    return ""


def test_a_guide_is_read_into_steps() -> None:
    found = guide("x", GUIDE, lambda text: "#Taxon" if text == "neakg:Taxon" else "")
    assert (found.title, found.text) == ("A title", "<p>What it is about.</p><p>More.</p>")
    assert found.code == "@prefix ex: &lt;https://example.org/&gt; ."
    assert [step.heading for step in found.steps] == ["First", "Last"]
    link = '<a href="#Taxon">neakg:Taxon</a>'
    assert found.steps[0].text == f"<p>Use <code>{link}</code> &amp; <code>ex:a</code>.</p>"
    assert found.steps[0].code == f"ex:a a {link} ."
    assert found.steps[1].code == ""


@pytest.mark.parametrize("text", ["# Title\n\n# 2. Second\n", "# Title\n# 1. One\n# 3. Three\n", "# Title\n# Words\n"])
def test_a_guide_with_missing_steps_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="step"):
        guide("x", text, nowhere)


def test_turtle_is_marked_and_escaped() -> None:
    text = '# <b>\n<urn:a> ex:b "x # y <i>" , """two\nlines""" .'
    found = marked(text, nowhere)
    assert found == (
        '<span class="remark"># &lt;b&gt;</span>\n&lt;urn:a&gt; ex:b '
        '<span class="string">&#34;x # y &lt;i&gt;&#34;</span> , '
        '<span class="string">&#34;&#34;&#34;two\nlines&#34;&#34;&#34;</span> .'
    )


def test_prose_escapes_what_is_no_markup_of_ours() -> None:
    assert prose("a <script> `<b>`", nowhere) == "<p>a &lt;script&gt; <code>&lt;b&gt;</code></p>"


def test_the_excerpt_is_the_block_about_the_class() -> None:
    block = "x:b a skos:Concept , neakg:Taxon ;\n  x:p 2 ."
    text = f"# Words.\n\n@prefix x: <urn:x> .\n\nx:a a neakg:TaxonList ;\n  x:p 1 .\n\n{block}\n"
    assert excerpt(text, "Taxon") == ("Words.", block)
    with pytest.raises(ValueError, match="Border"):
        excerpt(text, "Border")
