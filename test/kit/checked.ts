import { guardBuffers } from "../../src/core/plan/encode.js";

guardBuffers();
