package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMountFlags(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	table := filepath.Join(dir, "fstab")
	text := "# what is mounted\n" + dir + " /mnt\\040x none bind,ro 0 0\n\nnone /run tmpfs mode=755\nUUID=1 none swap sw 0 0\n"
	if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag, text string
		want       []mountSpec
	}{
		{"bind", dir, []mountSpec{{kind: "bind", source: dir, target: dir}}},
		{"volume", dir + ":/mnt", []mountSpec{{kind: "bind", source: dir, target: "/mnt"}}},
		{"bind", dir + ":/mnt:ro", []mountSpec{{kind: "bind", source: dir, target: "/mnt", readOnly: true}}},
		{"bind", dir + "::ro", []mountSpec{{kind: "bind", source: dir, target: dir, readOnly: true}}},
		{"bind", ".:x", []mountSpec{{kind: "bind", source: dir, target: dir + "/x"}}},
		{"ro-bind", dir + ":/mnt", []mountSpec{{kind: "bind", source: dir, target: "/mnt", readOnly: true}}},
		{"tmpfs", "/run", []mountSpec{{kind: "tmpfs", target: "/run"}}},
		{"proc", "/p", []mountSpec{{kind: "proc", target: "/p"}}},
		{"dev", "/d", []mountSpec{{kind: "dev", target: "/d"}}},
		{"hide", "/home", []mountSpec{{kind: "hide", target: "/home"}}},
		{"overlay", "/a:/b:/c:/d", []mountSpec{{kind: "overlay", source: "/a:/b:/c", target: "/d"}}},
		{"mount", "type=bind,src=" + dir + ",dst=/mnt,ro", []mountSpec{{kind: "bind", source: dir, target: "/mnt", readOnly: true}}},
		{"mount", "type=tmpfs,destination=/run,mode=0700", []mountSpec{{kind: "tmpfs", target: "/run", options: []string{"mode=0700"}}}},
		{"mount", "source=.,target=/mnt,readonly", []mountSpec{{kind: "bind", source: dir, target: "/mnt", readOnly: true}}},
		{"mount", "type=overlay,lowerdir=/a:/b,upperdir=/c,dst=/d", []mountSpec{{kind: "overlay", source: "/a:/b:/c", target: "/d"}}},
		{"mount", "mode=700,nosuid,noatime,type=tmpfs,dst=/run,size=1m", []mountSpec{{kind: "tmpfs", target: "/run", flags: unix.MS_NOSUID | unix.MS_NOATIME, options: []string{"mode=700", "size=1m"}}}},
		{"mount-fstab", "none " + dir + " /mnt bind,ro", []mountSpec{{kind: "bind", source: dir, target: "/mnt", readOnly: true}}},
		{"fstab", table, []mountSpec{{kind: "bind", source: dir, target: "/mnt x", readOnly: true}, {kind: "tmpfs", source: "none", target: "/run", options: []string{"mode=755"}}}},
	} {
		var v viewFlags
		if err := v.flagSet("run").Set(c.flag, c.text); err != nil {
			t.Errorf("--%s %s: %v", c.flag, c.text, err)
			continue
		}
		for i, want := range c.want {
			if i >= len(v.mounts) {
				t.Errorf("--%s %s: no mount %d", c.flag, c.text, i)
				continue
			}
			got := v.mounts[i]
			got.text = ""
			if !reflect.DeepEqual(got, want) {
				t.Errorf("--%s %s: %+v, want %+v", c.flag, c.text, got, want)
			}
		}
	}
}

func TestWrongMountFlags(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][2]string{
		{"bind", ""}, {"bind", ":"}, {"bind", ":/mnt"}, {"bind", dir + ":/mnt:ro:x"}, {"bind", dir + ":/mnt:exec"}, {"bind", dir + "/none"},
		{"tmpfs", ""}, {"overlay", "/a:/b"}, {"mount", "type=nfs,src=a,dst=/b"}, {"mount", "src=" + dir}, {"mount", "dst=/x"},
		{"mount", "type=tmpfs,dst=/x,mode=99"}, {"mount", "type=tmpfs,dst=/x,what"}, {"mount", "type=tmpfs,dst=/x,size=big"}, {"mount", "type=proc,dst=/x,size=1m"}, {"mount-fstab", "tmpfs none"}, {"fstab", dir + "/none"},
	} {
		var v viewFlags
		if err := v.flagSet("run").Set(c[0], c[1]); err == nil {
			t.Errorf("--%s %q: accepted as %+v", c[0], c[1], v.mounts)
		}
	}
}
