/** Only the parts of Chart.js that are drawn here; everything else stays out of the bundle. */
import { Chart, Filler, LinearScale, LineController, LineElement, PointElement } from "chart.js";

Chart.register(Filler, LinearScale, LineController, LineElement, PointElement);

export { Chart };
