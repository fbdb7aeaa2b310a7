// A page of its own.

import { explore } from "./main.js";

explore(document.querySelector(".explore"), { page: true });
