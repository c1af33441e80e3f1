/** Loads the translations of our texts before the first node is made. */

import { app } from "./lib/comfy.js";
import { report } from "./lib/guard.js";
import { loadTranslations } from "./lib/say.js";

app.registerExtension({
  name: "Datasete.Texts",
  // ComfyUI waits for this. A language that cannot be loaded leaves the texts English, and everything else as it is.
  init: () => loadTranslations(app.extensionManager.setting.get("Comfy.Locale") ?? "").catch((error) => report("texts", error)),
});
