import { guardBuffers } from "../src/core/encode.js";

guardBuffers();
