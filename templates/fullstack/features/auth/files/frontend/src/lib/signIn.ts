/** In and out. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { request } from "./api";
import { become, meOptions, NOBODY, type Me } from "./me";

export interface Demo {
  logins: string[];
  password: string | null;
}

/** Whether this page is shown inside another site's frame, where a browser may keep no cookies. */
export const isFramed = window.self !== window.top;

/** Signs in or up. False where the browser did not keep the cookie that says who one is. */
export function useEnter() {
  const client = useQueryClient();
  return async (how: "login" | "register", values: Record<string, unknown>) => {
    await request<Me>("POST", `auth/${how}`, values);
    const me = await client.fetchQuery({ ...meOptions, staleTime: 0 });
    if (me.person) become(client, me);
    return me.person !== null;
  };
}

export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await request("POST", "auth/logout");
    become(client, NOBODY);
    await navigate("/");
  };
}

/** The accounts that anybody may look around with, while nobody has signed up. */
export function useDemo() {
  return useQuery({ queryKey: ["me", "demo"], queryFn: () => request<Demo>("GET", "auth/demo") }).data;
}
