package place_test

import (
	"testing"
	"testing/fstest"

	"gitgrant/flows"
	"gitgrant/ui/place"
)

func TestWhereTheProgramRunsIsSeenByItsMarks(t *testing.T) {
	for name, test := range map[string]struct {
		os    string
		env   map[string]string
		files map[string]string
		want  flows.Place
	}{
		"a desktop":                     {"linux", map[string]string{"DISPLAY": ":0"}, nil, flows.Place{}},
		"a desktop of the newer kind":   {"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, nil, flows.Place{}},
		"a Mac":                         {"darwin", nil, nil, flows.Place{}},
		"Windows":                       {"windows", nil, nil, flows.Place{}},
		"a machine without a desktop":   {"linux", nil, nil, flows.Place{Blind: true}},
		"the same on BSD":               {"freebsd", nil, nil, flows.Place{Blind: true}},
		"a login over SSH":              {"linux", map[string]string{"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, nil, flows.Place{Remote: true, Blind: true}},
		"the same, known by its line":   {"linux", map[string]string{"SSH_TTY": "/dev/pts/1"}, nil, flows.Place{Remote: true, Blind: true}},
		"SSH with a display forwarded":  {"linux", map[string]string{"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", "DISPLAY": "localhost:10.0"}, nil, flows.Place{Remote: true}},
		"SSH to a Mac":                  {"darwin", map[string]string{"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, nil, flows.Place{Remote: true, Blind: true}},
		"Linux in Windows":              {"linux", map[string]string{"WSL_DISTRO_NAME": "Debian"}, nil, flows.Place{WSL: true}},
		"the same without variables":    {"linux", nil, map[string]string{"proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n"}, flows.Place{WSL: true}},
		"Docker":                        {"linux", nil, map[string]string{".dockerenv": ""}, flows.Place{Container: true, Blind: true}},
		"Podman":                        {"linux", nil, map[string]string{"run/.containerenv": ""}, flows.Place{Container: true, Blind: true}},
		"a control group of Docker":     {"linux", nil, map[string]string{"proc/1/cgroup": "12:cpu:/docker/4f2a\n0::/\n"}, flows.Place{Container: true, Blind: true}},
		"a control group of Kubernetes": {"linux", nil, map[string]string{"proc/1/cgroup": "0::/kubepods.slice/kubepods-burstable.slice\n"}, flows.Place{Container: true, Blind: true}},
		"a pod":                         {"linux", map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, nil, flows.Place{Container: true, Blind: true}},
		"systemd-nspawn":                {"linux", map[string]string{"container": "systemd-nspawn"}, nil, flows.Place{Container: true, Blind: true}},
		"a control group of a desktop":  {"linux", map[string]string{"DISPLAY": ":0"}, map[string]string{"proc/1/cgroup": "0::/init.scope\n"}, flows.Place{}},
		"a service that is named alike": {"linux", map[string]string{"DISPLAY": ":0"}, map[string]string{"proc/1/cgroup": "0::/system.slice/mydocker\n"}, flows.Place{}},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for path, text := range test.files {
				files[path] = &fstest.MapFile{Data: []byte(text)}
			}
			got := place.Find(place.System{OS: test.os, Env: func(name string) string { return test.env[name] }, Files: files})
			if got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}
