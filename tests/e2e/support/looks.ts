/** A page as it is seen in light and dark, on a laptop and on a telephone. */
import { expect } from "vitest";

import { LAPTOP, PHONE } from "./browser";
import type { Stage } from "./stage";

const LOOKS = [
  { look: "light", colorScheme: "light", size: LAPTOP },
  { look: "dark", colorScheme: "dark", size: LAPTOP },
  { look: "phone", colorScheme: "light", size: PHONE },
] as const;

/**
 * Prove that what is on the page now can be used by everybody and fits on a telephone; leaves a
 * picture of each look. The page looks as before afterwards.
 */
export async function checkLooks({ browser, dashboard }: Stage, name: string): Promise<void> {
  const { page } = dashboard;
  for (const { look, colorScheme, size } of LOOKS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(() =>
      Promise.all(document.getAnimations().map((one) => one.finished.catch(() => one))).then(
        () => undefined,
      ),
    );
    await browser.picture(`${name}-${look}`, "screens");
    expect(await dashboard.accessibilityProblems(), `${name}, ${look}`).toEqual([]);
    expect(await dashboard.scrollsSideways(), `${name}, ${look}`).toBe(false);
  }
  await page.setViewportSize(LAPTOP);
  await page.emulateMedia({ colorScheme: "light" });
}
