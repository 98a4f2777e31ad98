// What npm runs at the end of an installation: builds, and notes what is installed, so that nothing installs it again.
import './build.mjs';
import { noteInstalled } from './dependencies.mjs';

noteInstalled();
