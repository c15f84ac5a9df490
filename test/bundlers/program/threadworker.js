import "gradcut/worker";
