"""The start page."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.servers import Server


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_small_pictures_are_as_dark_as_the_page(page: Page, server: Server, scheme: Any) -> None:
    server.ask("/sessions", {"template": "url-shortener"})
    server.ask("/sessions", {"title": "Nothing in it"})
    await page.emulate_media(color_scheme=scheme)
    await page.goto(server.address)
    picture = page.get_by_role("region", name="Your diagrams").locator("li img").first
    await expect(picture).to_be_visible(timeout=15_000)
    grounds = await page.locator("[data-picture]").evaluate_all(
        """all => all.map(one => getComputedStyle(one).backgroundColor)"""
    )
    page_ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert set(grounds) == {page_ground}
    drawn = await picture.evaluate(
        """async image => {
          await image.decode();
          const canvas = document.createElement('canvas');
          canvas.width = canvas.height = 40;
          const pen = canvas.getContext('2d');
          pen.drawImage(image, 0, 0, 40, 40);
          return [...pen.getImageData(1, 1, 1, 1).data].slice(0, 3);
        }"""
    )
    assert (sum(drawn) > 600) == (scheme == "light"), drawn
