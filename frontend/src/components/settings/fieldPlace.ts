/** Where a setting stands on the page, so that problems can lead to it. */
import { pathText, type Path } from "../../stores/document";

export function fieldId(path: Path): string {
  return `field-${pathText(path)}`;
}

/** Index of the endpoint that a problem's path is about; null for all else. */
export function endpointIndexOf(place: string): number | null {
  const found = /^endpoints\[(\d+)\]/.exec(place);
  return found?.[1] === undefined ? null : Number(found[1]);
}

const LAST_PART = /\.[^.[\]]*$|\[[^[\]]*\]$|^[^.[\]]*$/;

/** Move the focus to the field of this place, or to the nearest one around it. */
export function focusPlace(place: string): boolean {
  for (let rest = place; rest !== ""; rest = rest.replace(LAST_PART, "")) {
    const element = document.getElementById(`field-${rest}`);
    if (element === null) continue;
    for (let fold = element.closest("details"); fold !== null;) {
      fold.open = true;
      fold = fold.parentElement?.closest("details") ?? null;
    }
    element.focus();
    element.scrollIntoView({ block: "center" });
    return true;
  }
  return false;
}
