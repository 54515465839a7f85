/** One cursor over all charts: the moment under the pointer, on whichever chart it is. */
import { shallowRef } from "vue";

export const cursorMs = shallowRef<number | null>(null);
